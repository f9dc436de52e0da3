/** Spans in a document's text. The server counts Unicode code points, JavaScript UTF-16 units. */

/** Cut a text into what stands before, within and after the span `[start, end)` of code points. */
export function cut(text, start, end) {
  const from = unitsBefore(text, start, 0);
  const to = unitsBefore(text, end - start, from);
  return { before: text.slice(0, from), within: text.slice(from, to), after: text.slice(to) };
}

function unitsBefore(text, points, from) {
  let unit = from;
  for (let point = 0; point < points && unit < text.length; point += 1) {
    unit += text.codePointAt(unit) > 0xffff ? 2 : 1;
  }
  return unit;
}
