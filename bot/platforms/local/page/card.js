// A card: grade, what is to be seen, what can be pressed.
import { h, seen, webLink } from "./dom.js";

const GRADES = { blue: "蓝色", yellow: "黄色", orange: "橙色", red: "红色" };
const HEAD = /^[🔵🟡🟠🔴]\s*[蓝黄橙红]?(（建议）|\(建议\))?\s*/u;

// `onPress(key, choice)` returns a promise; while it runs no button of the card can be pressed.
export function drawCard(card, onPress) {
  const grade = GRADES[card.grade] ? card.grade : null;
  const title = grade ? seen(card.title).replace(HEAD, "") : seen(card.title);
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const element = h(
    "article",
    { class: `card ${grade ? `grade-${grade}` : "plain"}${grade && !card.confirmed ? " suggested" : ""}`, "aria-label": title },
    grade && h("p", { class: "chip" }, h("b", {}, GRADES[grade]), card.confirmed ? "已确认" : "建议，待确认"),
    h("h3", {}, title),
    card.lines.length > 0 && h("div", { class: "lines" }, card.lines.map((line) => h("p", {}, seen(line)))),
    card.must.length > 0 && h("div", { class: "must" }, card.must.map((line) => h("p", {}, seen(line)))),
    links(card),
  );
  if (card.buttons.length) element.append(buttons(card, onPress, problem), problem);
  return element;
}

function links(card) {
  const found = card.links.map((link) => webLink(link.text, link.url)).filter(Boolean);
  return found.length > 0 && h("p", { class: "links" }, found);
}

function buttons(card, onPress, problem) {
  const row = h("div", { class: "buttons", role: "group", "aria-label": "可以做的事" });

  async function run(button, key, choice) {
    if (row.hasAttribute("aria-busy")) return;
    row.setAttribute("aria-busy", "true");
    button.classList.add("busy");
    problem.hidden = true;
    try {
      await onPress(key, choice);
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    }
    button.classList.remove("busy");
    row.removeAttribute("aria-busy");
  }

  for (const item of card.buttons) row.append(item.options?.length ? selection(item, run) : simple(item, run));
  return row;
}

function simple(item, run) {
  const button = h("button", { type: "button", class: item.style, "data-key": item.key, title: twin(item) }, seen(item.text));
  button.addEventListener("click", () => run(button, item.key));
  return button;
}

function selection(item, run) {
  const button = h(
    "button",
    { type: "button", class: `${item.style} opens`, "data-key": item.key, title: twin(item), "aria-haspopup": "menu", "aria-expanded": "false" },
    seen(item.text),
  );
  const menu = h("div", { class: "menu", role: "menu", "aria-label": seen(item.text), hidden: true });
  const holder = h("div", { class: "select" }, button, menu);

  const close = (refocus) => {
    menu.hidden = true;
    button.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside);
    if (refocus) button.focus();
  };
  const outside = (event) => holder.contains(event.target) || close(false);
  const open = () => {
    menu.hidden = false;
    button.setAttribute("aria-expanded", "true");
    document.addEventListener("pointerdown", outside);
    menu.scrollIntoView({ block: "nearest" });
    menu.firstElementChild.focus();
  };
  for (const option of item.options) {
    const entry = h("button", { type: "button", role: "menuitem", tabindex: "-1", "data-choice": option.id }, seen(option.text));
    entry.addEventListener("click", () => {
      close(true);
      run(button, item.key, option.id);
    });
    menu.append(entry);
  }
  button.addEventListener("click", () => (menu.hidden ? open() : close(true)));
  holder.addEventListener("keydown", (event) => move(event, button, menu, open, close));
  holder.addEventListener("focusout", (event) => !menu.hidden && event.relatedTarget && !holder.contains(event.relatedTarget) && close(false));
  return holder;
}

function move(event, button, menu, open, close) {
  if (menu.hidden) {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    open();
    return;
  }
  const entries = [...menu.children];
  const at = entries.indexOf(document.activeElement);
  const next = { ArrowDown: (at + 1) % entries.length, ArrowUp: (at - 1 + entries.length) % entries.length, Home: 0, End: entries.length - 1 }[event.key];
  if (event.key === "Escape") close(true);
  if (next === undefined) return;
  event.preventDefault();
  entries[next].focus();
}

const twin = (item) => (item.verb ? `等于输入：${seen(item.verb).replace("{choice}", "…")}` : null);
