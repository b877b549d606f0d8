// Times as people in Beijing read them, wherever the browser is.

const zone = { timeZone: "Asia/Shanghai", hourCycle: "h23" };
const clock = new Intl.DateTimeFormat("zh-CN", { ...zone, hour: "2-digit", minute: "2-digit" });
const date = new Intl.DateTimeFormat("en-CA", { ...zone, year: "numeric", month: "2-digit", day: "2-digit" });
const long = new Intl.DateTimeFormat("zh-CN", { ...zone, month: "long", day: "numeric", weekday: "short" });
const full = new Intl.DateTimeFormat("zh-CN", { ...zone, dateStyle: "long", timeStyle: "medium" });

export const clockOf = (at) => clock.format(new Date(at));
export const dateOf = (at) => date.format(new Date(at));
export const fullOf = (at) => `${full.format(new Date(at))}（北京时间）`;

export function dayOf(at, now = Date.now()) {
  if (dateOf(at) === dateOf(now)) return "今天";
  if (dateOf(at) === dateOf(now - 86400000)) return "昨天";
  return long.format(new Date(at));
}
