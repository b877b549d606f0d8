// One message in the log.
import { drawCard } from "./card.js";
import { drawChart } from "./chart.js";
import { h, seen } from "./dom.js";
import { clockOf, fullOf } from "./time.js";

const FOLD_LINES = 14;
const FOLD_CHARS = 700;
const SHADES = 6;

// `view`: house, speaker, placeOf(name), find(id), onPress, onQuote, onShow. `follows`: the same sender went on talking.
export function drawMessage(message, view, follows) {
  const own = message.sender === view.speaker;
  const fromHouse = message.sender === view.house;
  const item = h("li", {
    class: ["message", own ? "own" : "", fromHouse ? "house" : "", follows ? "follows" : ""].filter(Boolean).join(" "),
    "data-id": message.id,
    tabindex: "-1",
  });
  const head = h(
    "p",
    { class: "head" },
    h("span", { class: "name" }, seen(message.sender)),
    h("time", { datetime: message.at, title: fullOf(message.at) }, clockOf(message.at)),
  );
  const body = h("div", { class: "body" }, head, quoteOf(message, view), main(message, view), attached(message), reminded(message, view));
  item.append(avatar(message.sender, view.placeOf(message.sender), fromHouse), body, quoteButton(message, view));
  return item;
}

function main(message, view) {
  const parts = [];
  if (message.card) parts.push(drawCard(message.card, (key, choice) => view.onPress(message.id, key, choice)));
  else if (message.text) parts.push(bubble(seen(message.text)));
  if (message.chart) parts.push(drawChart(message.chart));
  return parts;
}

function bubble(text) {
  const paragraph = h("p", { class: "text" }, text);
  if (text.split("\n").length <= FOLD_LINES && text.length <= FOLD_CHARS) return h("div", { class: "bubble" }, paragraph);
  paragraph.classList.add("folded");
  const toggle = h("button", { type: "button", class: "quiet", "aria-expanded": "false" }, "展开全文");
  toggle.addEventListener("click", () => {
    const folded = paragraph.classList.toggle("folded");
    toggle.textContent = folded ? "展开全文" : "收起";
    toggle.setAttribute("aria-expanded", String(!folded));
  });
  return h("div", { class: "bubble" }, paragraph, toggle);
}

function quoteOf(message, view) {
  if (!message.reply_to) return null;
  const quoted = view.find(message.reply_to);
  const text = quoted ? `${seen(quoted.sender)}：${excerpt(quoted)}` : "更早的一条消息";
  return h("button", { type: "button", class: "quoted", onclick: () => view.onShow(message.reply_to), "aria-label": `引用 ${text}` }, text);
}

export function excerpt(message) {
  const text = seen(message.card?.title || message.text).replace(/\s+/g, " ");
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function attached(message) {
  if (!message.files?.length) return null;
  const drawn = Boolean(message.chart);
  return message.files.map((file, index) => {
    const address = `/api/files/${message.id}/${index}`;
    const name = seen(file.name);
    if (!file.mime.startsWith("image/")) return h("a", { class: "file", href: address, download: name }, name);
    return drawn ? null : h("img", { class: "picture", src: address, alt: name, loading: "lazy" });
  });
}

function reminded(message, view) {
  if (!message.mentions?.length) return null;
  const names = message.mentions.map((name) => h("span", { class: name === view.speaker ? "mention me" : "mention" }, `@${seen(name)}`));
  return h("p", { class: "mentions" }, h("span", { class: "sr" }, "提醒 "), names);
}

function quoteButton(message, view) {
  const label = `引用 ${seen(message.sender)} ${clockOf(message.at)} 的消息`;
  return h("button", { type: "button", class: "cite", "aria-label": label, title: "引用", onclick: () => view.onQuote(message) }, "引用");
}

// People get their colours in the order of the configuration: neighbours differ.
export function avatar(name, place, fromHouse) {
  if (fromHouse) return h("img", { class: "avatar", src: "/page/mark.svg", alt: "" });
  return h("span", { class: `avatar shade-${place % SHADES}`, "aria-hidden": "true" }, [...seen(name)].slice(-2).join(""));
}
