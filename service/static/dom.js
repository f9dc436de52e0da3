/** Elements and text nodes: the only way in which words reach this page. */

const ICONS = new URL("icons.svg", import.meta.url).pathname;
const SVG = "http://www.w3.org/2000/svg";

/** Make an element; strings among the children become text, `on…` properties listeners, null is left out. */
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

/** Make a picture that goes beside a text and says nothing by itself. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${ICONS}#${name}`);
  svg.append(use);
  return svg;
}

/** Join nodes with a separator between each two. */
export function joined(nodes, separator) {
  return nodes.flatMap((node, place) => (place === 0 ? [node] : [separator, node]));
}

/** Make a list of questions; choosing one asks it. */
export function questionList(questions, ask) {
  const row = (question) =>
    element("li", {}, element("button", { type: "button", dir: "auto", onclick: () => ask(question) }, question));
  return element("ul", { class: "questions" }, ...questions.map(row));
}
