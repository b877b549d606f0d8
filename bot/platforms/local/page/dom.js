// Elements made of text only: nothing from outside is ever read as markup.

export const byId = (id) => document.getElementById(id);

export function h(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return element;
}

// Control and bidirectional characters may hide or turn around what the eye reads.
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;
export const seen = (text) => String(text ?? "").replace(UNSEEN, "");

export function webLink(text, url) {
  let safe;
  try {
    safe = new URL(url);
  } catch {
    return null;
  }
  if (safe.protocol !== "https:" && safe.protocol !== "http:") return null;
  return h("a", { href: safe.href, target: "_blank", rel: "noopener noreferrer nofollow" }, seen(text) || safe.host);
}
