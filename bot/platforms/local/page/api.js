// Everything that goes over the wire.

export async function ask(path, body) {
  const options = body ? { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : {};
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", ...options });
  } catch {
    throw new Error("没有连上望楼，请稍后再试。");
  }
  const answer = await response.json().catch(() => ({}));
  if (response.status === 401 && path !== "/api/login") location.reload();
  if (!response.ok) throw new Error(answer.error || `没办成（${response.status}）。`);
  return answer;
}

const query = (values) => new URLSearchParams(values).toString();

export const fetchRooms = () => ask("/api/rooms");
export const fetchLast = (room) => ask(`/api/messages?${query({ room, before: Number.MAX_SAFE_INTEGER })}`);
export const fetchBefore = (room, id) => ask(`/api/messages?${query({ room, before: id })}`);
export const say = (room, sender, text, replyTo) =>
  ask("/api/messages", replyTo ? { room, sender, text, reply_to: replyTo } : { room, sender, text });
export const press = (message, sender, key, choice) => ask("/api/press", choice ? { message, sender, key, choice } : { message, sender, key });

// Live events of all rooms. A beat comes every few seconds; three missed ones are a lost connection.
export function listen({ onMessage, onRepaint, onLive, onLost }) {
  let source;
  let watchdog;
  let wait = 1000;
  let beat = 15;

  const lost = () => {
    clearTimeout(watchdog);
    source.close();
    onLost();
    setTimeout(open, wait * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, 15000);
  };
  const heard = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(lost, beat * 3000);
  };
  function open() {
    source = new EventSource("/api/events");
    source.addEventListener("open", () => {
      wait = 1000;
      heard();
      onLive();
    });
    source.addEventListener("error", lost);
    source.addEventListener("beat", (event) => {
      beat = Number(event.data) || beat;
      heard();
    });
    source.addEventListener("message", (event) => {
      heard();
      onMessage(JSON.parse(event.data));
    });
    source.addEventListener("repaint", (event) => {
      heard();
      onRepaint(JSON.parse(event.data));
    });
  }
  open();
}
