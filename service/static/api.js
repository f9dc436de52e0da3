/** The routes this page uses. What the server refuses becomes a Problem that says what to do. */

const ROOT = new URL("..", import.meta.url); // the page also works below a path of its own

/** A refusal or a silence of the server; `message` is meant for the reader, status 0 is no answer at all. */
export class Problem extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Ask a question with the turns before it. */
export async function ask(question, history, signal) {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  const body = JSON.stringify({ question, history });
  return accepted(await reply("ask", { method: "POST", headers, body, signal }));
}

/** Fetch a document as it was at a revision. */
export async function documentAt(key, revision, signal) {
  const path = key.split("/").map(encodeURIComponent).join("/");
  return accepted(await reply(`documents/${path}?revision=${encodeURIComponent(revision)}`, { signal }));
}

/** Fetch the papers of the library. */
export async function papers() {
  return accepted(await reply("papers", {})).papers;
}

/** Tell whether the server can answer; "not yet" (503) is a result here, not a Problem. */
export async function readiness(signal) {
  const { response, body } = await reply("readyz", { signal });
  return response.status === 503 && body ? body : accepted({ response, body });
}

async function reply(path, options) {
  try {
    const response = await fetch(new URL(path, ROOT), options);
    return { response, body: await read(response) };
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "The server does not answer. Check that it is running, then try again.");
  }
}

async function read(response) {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return null; // a proxy's error page
  }
}

function accepted({ response, body }) {
  if (response.ok && body !== null) return body;
  const fields = (body?.errors ?? []).map((error) => error.message);
  const message = [body?.detail, ...fields].filter(Boolean).join(" ");
  throw new Problem(response.status, message || `The server answered with ${response.status}. Try again in a moment.`);
}
