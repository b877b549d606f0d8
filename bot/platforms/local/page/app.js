// The page: which room, who speaks, what arrives.
import { fetchBefore, fetchLast, fetchRooms, listen, press, say } from "./api.js";
import { makeComposer } from "./composer.js";
import { byId, h, seen } from "./dom.js";
import { makeLog } from "./log.js";
import { avatar } from "./message.js";

const view = { house: "望楼", speaker: "", placeOf: (name) => Math.max(house.people.findIndex((person) => person.name === name), 0) };
const unread = new Map();
let room = "";
let house;

const remember = (name, value) => {
  try {
    localStorage.setItem(`wanglou.${name}`, value);
  } catch {
    // A browser that keeps nothing still shows the room.
  }
};
const recall = (name) => {
  try {
    return localStorage.getItem(`wanglou.${name}`);
  } catch {
    return null;
  }
};

view.onPress = async (message, key, choice) => {
  const answer = await press(message, view.speaker, key, choice);
  if (answer.message) repainted(answer.message);
  answer.replies.forEach(arrived);
};
view.onQuote = (message) => composer.quote(message);

const log = makeLog(view, (id) => remember(`seen.${room}`, id));
const composer = makeComposer({
  async send(text, replyTo) {
    const [where, sender] = [room, view.speaker];
    log.forgetUnread();
    const answer = await say(where, sender, text, replyTo);
    answer.replies.forEach(arrived);
  },
});

const isPrivate = (name) => name.startsWith("@");

function arrived(message) {
  if (message.room === room) {
    log.add(message);
    offerNear();
    return;
  }
  if (message.sender !== view.house || unread.get(message.room)?.has(message.id)) return;
  if (!unread.has(message.room)) unread.set(message.room, new Set());
  unread.get(message.room).add(message.id);
  drawRooms();
}

function repainted(message) {
  if (message.room !== room) return;
  log.repaint(message);
  offerNear();
}

function offerNear() {
  composer.near(log.messages.findLast((message) => message.card?.buttons.length)?.card);
}

async function load() {
  const where = room;
  const found = await fetchLast(where);
  return where === room ? found : null;
}

async function enter(name) {
  room = name;
  unread.delete(name);
  remember("room", name);
  if (isPrivate(name)) speakAs(name.slice(1));
  drawRooms();
  drawHead();
  composer.clear();
  openSide(false);
  const found = await load();
  if (!found) return;
  const seenId = recall(`seen.${name}`);
  log.enter(found.messages, seenId === null ? null : Number(seenId));
  byId("older").hidden = !found.more;
  offerNear();
}

async function catchUp() {
  const found = await load();
  if (!found) return;
  const gap = found.more && found.messages.length && log.last !== undefined && found.messages[0].id > log.last;
  if (gap) {
    log.enter(found.messages, log.last);
    byId("older").hidden = false;
    return;
  }
  for (const message of found.messages) if (log.first === undefined || message.id >= log.first) log.add(message);
}

function speakAs(name) {
  view.speaker = name;
  byId("speaker").value = name;
  remember("speaker", name);
}

function drawHead() {
  const title = isPrivate(room) ? `望楼与${room.slice(1)}的私聊` : room;
  byId("title").textContent = seen(title);
  byId("subtitle").textContent = isPrivate(room) ? "只有望楼和本人看得到" : `${house.people.length}人与${view.house}`;
  byId("empty-text").textContent = isPrivate(room) ? "还没有私聊消息。" : "还没有消息。有舆情时，预警会出现在这里。";
  composer.place(isPrivate(room) ? `以${view.speaker}的身份对望楼说` : "说点什么，如：列表");
}

function drawRooms() {
  const entry = (name, label, icon, note) => {
    const count = unread.get(name)?.size ?? 0;
    return h(
      "li",
      {},
      h(
        "button",
        { type: "button", "data-room": name, "aria-current": name === room ? "true" : null, onclick: () => enter(name) },
        icon,
        h("span", { class: "label" }, h("span", {}, seen(label)), note && h("small", {}, seen(note))),
        count > 0 && h("span", { class: "badge" }, count > 99 ? "99+" : String(count), h("span", { class: "sr" }, "条未读")),
      ),
    );
  };
  byId("rooms").replaceChildren(...house.rooms.map((name) => entry(name, name, h("span", { class: "avatar group", "aria-hidden": "true" }, "群"))));
  byId("people").replaceChildren(...house.people.map((person) => entry(person.room, person.name, avatar(person.name, view.placeOf(person.name)), person.roles.join("、"))));
  const elsewhere = [...unread.values()].reduce((sum, ids) => sum + ids.size, 0);
  byId("elsewhere").hidden = elsewhere === 0;
  byId("elsewhere").textContent = elsewhere > 99 ? "99+" : String(elsewhere);
  document.title = elsewhere ? `(${elsewhere}) ${view.house}` : view.house;
}

function openSide(open) {
  const narrow = matchMedia("(max-width: 819px)").matches;
  const side = byId("side");
  const had = side.contains(document.activeElement);
  side.classList.toggle("open", open && narrow);
  side.inert = narrow && !open;
  byId("veil").hidden = !(open && narrow);
  byId("menu").setAttribute("aria-expanded", String(open && narrow));
  if (narrow && open) side.querySelector("button").focus();
  if (narrow && !open && had) byId("menu").focus();
}

async function older() {
  const button = byId("older");
  button.disabled = true;
  try {
    const where = room;
    const found = await fetchBefore(where, log.first);
    if (where !== room) return;
    log.older(found.messages);
    button.hidden = !found.more;
  } finally {
    button.disabled = false;
  }
}

async function start() {
  house = await fetchRooms();
  view.house = house.name;
  byId("brand").textContent = house.name;
  const label = (person) => (person.roles.length ? `${person.name}（${person.roles.join("、")}）` : person.name);
  byId("speaker").append(...house.people.map((person) => h("option", { value: person.name }, seen(label(person)))));
  const names = house.people.map((person) => person.name);
  speakAs(names.includes(recall("speaker")) ? recall("speaker") : (names[0] ?? ""));
  composer.verbs(house.verbs);
  byId("speaker").addEventListener("change", (event) => {
    speakAs(event.target.value);
    if (isPrivate(room)) enter(`@${view.speaker}`);
    log.redraw();
    drawHead();
  });
  byId("menu").addEventListener("click", () => openSide(!byId("side").classList.contains("open")));
  byId("veil").addEventListener("click", () => openSide(false));
  byId("older").addEventListener("click", older);
  byId("side").addEventListener("keydown", (event) => event.key === "Escape" && openSide(false));
  matchMedia("(max-width: 819px)").addEventListener("change", () => openSide(false));
  const known = [...house.rooms, ...house.people.map((person) => person.room)];
  await enter(known.includes(recall("room")) ? recall("room") : known[0]);
  let lost = false;
  let began = false;
  listen({
    onMessage: arrived,
    onRepaint: repainted,
    onLive() {
      byId("offline").hidden = true;
      document.body.dataset.live = "true";
      if (lost || !began) catchUp().catch(() => {});
      [lost, began] = [false, true];
    },
    onLost() {
      lost = true;
      byId("offline").hidden = false;
      document.body.dataset.live = "false";
    },
  });
}

start().catch((problem) => {
  byId("offline").textContent = `打不开房间：${problem.message}刷新页面再试。`;
  byId("offline").hidden = false;
});
