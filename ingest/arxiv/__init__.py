"""Ask arXiv for papers, and read what it answers in each of the forms it speaks."""
