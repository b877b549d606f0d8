// The log of one room: in order, grouped, with days, the line above what is new, and a way back down.
import { byId, h } from "./dom.js";
import { drawMessage } from "./message.js";
import { dayOf, dateOf } from "./time.js";

const GROUP = 5 * 60 * 1000;
const NEAR = 80;

// `view` is what a message needs; it also tells the speaker. `onSeen(id)` is told the newest message that was in sight.
export function makeLog(view, onSeen) {
  const [list, scroll, jump] = [byId("messages"), byId("scroll"), byId("jump")];
  let messages = new Map();
  let order = [];
  let unreadAfter = null;
  let unread = 0;

  view.find = (id) => messages.get(id);
  view.onShow = (id) => reveal(id);

  const atEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR;
  const inSight = () => atEnd() && document.visibilityState === "visible";

  function toEnd(smooth) {
    const calm = !smooth || matchMedia("(prefers-reduced-motion: reduce)").matches;
    scroll.scrollTo({ top: scroll.scrollHeight, behavior: calm ? "instant" : "smooth" });
  }

  function draw() {
    const rows = [];
    order.forEach((id, place) => rows.push(...rowsFor(place)));
    list.replaceChildren(...rows);
  }

  function rowsFor(place) {
    const message = messages.get(order[place]);
    const before = messages.get(order[place - 1]);
    const newDay = !before || dateOf(before.at) !== dateOf(message.at);
    const firstUnread = unreadAfter !== null && message.id > unreadAfter && (!before || before.id <= unreadAfter);
    const follows = !newDay && !firstUnread && before.sender === message.sender && new Date(message.at) - new Date(before.at) < GROUP;
    return [
      newDay ? h("li", { class: "day" }, h("span", {}, dayOf(message.at))) : null,
      firstUnread ? h("li", { class: "unread" }, h("span", {}, "以下是新消息")) : null,
      drawMessage(message, view, follows),
    ].filter(Boolean);
  }

  function tell() {
    jump.hidden = atEnd() && unread === 0;
    jump.textContent = unread ? `↓ ${unread} 条新消息` : "↓ 回到最新";
    byId("empty").hidden = order.length > 0;
    if (inSight() && order.length) onSeen(order[order.length - 1]);
  }

  function read() {
    unread = 0;
    tell();
  }

  function reveal(id) {
    const item = list.querySelector(`[data-id="${Number(id)}"]`);
    if (!item) return;
    item.scrollIntoView({ block: "center" });
    item.focus({ preventScroll: true });
    item.classList.add("lit");
    setTimeout(() => item.classList.remove("lit"), 1600);
  }

  scroll.addEventListener("scroll", () => (inSight() ? read() : tell()), { passive: true });
  document.addEventListener("visibilitychange", () => inSight() && read());
  jump.addEventListener("click", () => {
    toEnd(true);
    byId("say").focus();
  });
  // Pictures and charts grow after they are put in: whoever stood at the end stays there.
  let stick = true;
  scroll.addEventListener("scroll", () => (stick = atEnd()), { passive: true });
  new ResizeObserver(() => stick && toEnd()).observe(list);
  new ResizeObserver(() => stick && toEnd()).observe(scroll);

  return {
    get first() {
      return order[0];
    },
    get last() {
      return order[order.length - 1];
    },
    get messages() {
      return order.map((id) => messages.get(id));
    },
    // A room is entered. `seenId`: the newest message read before; what came later stands below a line.
    enter(found, seenId) {
      byId("log").setAttribute("aria-live", "off");
      messages = new Map(found.map((message) => [message.id, message]));
      order = found.map((message) => message.id);
      unreadAfter = seenId !== null && order.length && order[order.length - 1] > seenId ? seenId : null;
      unread = 0;
      draw();
      stick = true;
      toEnd();
      tell();
      requestAnimationFrame(() => byId("log").setAttribute("aria-live", "polite"));
    },
    older(found) {
      const height = scroll.scrollHeight - scroll.scrollTop;
      for (const message of found) messages.set(message.id, message);
      order = [...messages.keys()].sort((left, right) => left - right);
      draw();
      scroll.scrollTop = scroll.scrollHeight - height;
    },
    add(message) {
      if (messages.has(message.id)) return this.repaint(message);
      const [visible, late] = [inSight(), order.length > 0 && message.id < order[order.length - 1]];
      messages.set(message.id, message);
      if (!visible && message.sender !== view.speaker) {
        unread += 1;
        unreadAfter ??= order[order.length - 1] ?? 0;
      }
      order.push(message.id);
      if (late) {
        order.sort((left, right) => left - right);
        draw();
      } else {
        list.append(...rowsFor(order.length - 1));
      }
      if (visible || message.sender === view.speaker) toEnd();
      return tell();
    },
    repaint(message) {
      const before = messages.get(message.id);
      if (!before || JSON.stringify(before) === JSON.stringify(message)) return;
      messages.set(message.id, message);
      const item = list.querySelector(`[data-id="${message.id}"]`);
      const key = item.contains(document.activeElement) ? document.activeElement.dataset.key : null;
      const anew = drawMessage(message, view, item.classList.contains("follows"));
      item.replaceWith(anew);
      if (key !== null) (anew.querySelector(`[data-key="${CSS.escape(key)}"]`) ?? anew).focus({ preventScroll: true });
    },
    forgetUnread() {
      unreadAfter = null;
      list.querySelector(".unread")?.remove();
    },
    redraw: draw,
    reveal,
  };
}
