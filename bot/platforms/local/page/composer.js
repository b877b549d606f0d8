// The box to type in: verbs to start from, a quote, Enter to send.
import { byId, h, seen } from "./dom.js";
import { excerpt } from "./message.js";

const HINTS = 9;
const BUSY_AFTER = 250;

// `send(text, replyTo)` returns a promise; when it fails the words are put back.
export function makeComposer({ send }) {
  const [form, box, button] = [byId("composer"), byId("say"), byId("send")];
  const [hints, quoting, error, busy] = [byId("hints"), byId("quoting"), byId("error"), byId("busy")];
  let verbs = [];
  let near = [];
  let quoted = null;

  function fit() {
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight + 2}px`;
    button.disabled = !box.value.trim();
  }

  function offer() {
    const typed = box.value.trim();
    const all = [...new Set([...near, ...verbs])];
    const fitting = typed ? all.filter((verb) => verb.startsWith(typed) && verb !== typed) : all;
    hints.replaceChildren(...fitting.slice(0, HINTS).map((verb) => h("button", { type: "button", onclick: () => take(verb) }, seen(verb))));
    hints.hidden = fitting.length === 0;
  }

  function take(verb) {
    box.value = `${verb} `;
    box.focus();
    fit();
    offer();
  }

  function quote(message) {
    quoted = message;
    quoting.hidden = !message;
    if (!message) return;
    byId("quoting-who").textContent = `引用 ${seen(message.sender)}：`;
    byId("quoting-text").textContent = excerpt(message);
    box.focus();
  }

  async function submit() {
    const text = box.value.trim();
    if (!text) return;
    const replyTo = quoted;
    box.value = "";
    error.hidden = true;
    quote(null);
    fit();
    offer();
    const slow = setTimeout(() => (busy.textContent = "望楼正在处理…"), BUSY_AFTER);
    try {
      await send(text, replyTo?.id);
    } catch (problem) {
      error.textContent = problem.message;
      error.hidden = false;
      if (!box.value) {
        box.value = text;
        quote(replyTo);
      }
      fit();
      offer();
    }
    clearTimeout(slow);
    busy.textContent = "";
  }

  box.addEventListener("input", () => {
    fit();
    offer();
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && quoted) quote(null);
    // While an input method composes, Enter picks a word; 229 is what Safari says then.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    submit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
    box.focus();
  });
  byId("unquote").addEventListener("click", () => {
    quote(null);
    box.focus();
  });

  return {
    quote,
    verbs(list) {
      verbs = list;
      offer();
    },
    // What the newest card wants done, as it would be typed, offered first.
    near(card) {
      near = card ? card.buttons.filter((item) => item.style === "primary" && item.verb && !item.options?.length).map((item) => item.verb) : [];
      offer();
    },
    place(text) {
      box.placeholder = text;
    },
    clear() {
      quote(null);
      error.hidden = true;
    },
  };
}
