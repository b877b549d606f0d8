// Figures over time as a picture, with a sentence and a table for those who do not see it.
import { h, seen, svg } from "./dom.js";
import { clockOf, dateOf } from "./time.js";

const HEIGHT = 220;
const PAD = { top: 26, right: 16, bottom: 28, left: 44 };
const STYLES = 4;

export function drawChart(chart) {
  const series = chart.series.filter((line) => line.points.length > 0).slice(0, STYLES);
  if (!series.length) return h("p", { class: "bubble" }, `${seen(chart.title)}：还没有数据。`);
  const holder = h("div", { class: "plot" });
  const figure = h("figure", { class: "chart" }, h("figcaption", {}, seen(chart.title), h("small", {}, chart.unit ? `单位：${seen(chart.unit)}` : "")), legend(series), holder, table(chart, series));
  const paint = (width) => holder.replaceChildren(picture(chart, series, width));
  let width = 0;
  new ResizeObserver(([entry]) => {
    const wide = Math.round(entry.contentRect.width);
    if (wide === width || wide === 0) return;
    width = wide;
    paint(wide);
  }).observe(holder);
  return figure;
}

function picture(chart, series, width) {
  const marks = chart.marks ?? [];
  const times = series.flatMap((line) => line.points.map(([at]) => at));
  const [first, last] = [Math.min(...times), Math.max(...times, Math.min(...times) + 60)];
  const top = ceiling(Math.max(...series.flatMap((line) => line.points.map(([, value]) => value)), 0));
  const x = (at) => PAD.left + ((at - first) / (last - first)) * (width - PAD.left - PAD.right);
  const y = (value) => HEIGHT - PAD.bottom - (value / top) * (HEIGHT - PAD.top - PAD.bottom);
  const image = svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, role: "img", "aria-label": sentence(chart, series) });
  for (const part of [0, 0.5, 1]) {
    const level = top * part;
    image.append(
      svg("line", { class: "grid", x1: PAD.left, x2: width - PAD.right, y1: y(level), y2: y(level) }),
      svg("text", { class: "tick", x: PAD.left - 8, y: y(level) + 4, "text-anchor": "end" }, figure(level)),
    );
  }
  const steps = Math.max(1, Math.min(5, Math.floor((width - PAD.left) / 110)));
  for (let step = 0; step <= steps; step += 1) {
    const at = first + ((last - first) * step) / steps;
    const anchor = step === 0 ? "start" : step === steps ? "end" : "middle";
    image.append(svg("text", { class: "tick", x: x(at), y: HEIGHT - 8, "text-anchor": anchor }, momentOf(at, first, last)));
  }
  for (const mark of marks.filter((mark) => mark.at >= first && mark.at <= last)) {
    const right = x(mark.at) > width * 0.7;
    image.append(
      svg("line", { class: "mark", x1: x(mark.at), x2: x(mark.at), y1: PAD.top - 8, y2: HEIGHT - PAD.bottom }),
      svg("text", { class: "mark-label", x: x(mark.at) + (right ? -5 : 5), y: PAD.top - 10, "text-anchor": right ? "end" : "start" }, seen(mark.label)),
    );
  }
  series.forEach((line, place) => {
    const points = line.points.map(([at, value]) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`);
    const [at, value] = line.points[line.points.length - 1];
    image.append(svg("polyline", { class: `series s${place}`, points: points.join(" ") }), svg("circle", { class: `dot s${place}`, cx: x(at), cy: y(value), r: 3.5 }));
  });
  return image;
}

function legend(series) {
  const entries = series.map((line, place) => {
    const value = line.points[line.points.length - 1][1];
    const sample = svg("svg", { width: 24, height: 8, "aria-hidden": "true" }, svg("line", { class: `series s${place}`, x1: 1, x2: 23, y1: 4, y2: 4 }));
    return h("span", {}, sample, `${seen(line.name)} `, h("b", {}, figure(value)));
  });
  return h("p", { class: "legend" }, entries);
}

function table(chart, series) {
  const times = [...new Set(series.flatMap((line) => line.points.map(([at]) => at)))].sort((left, right) => left - right);
  const values = series.map((line) => new Map(line.points));
  const shown = times.length > 48 ? times.slice(-48) : times;
  const head = h("tr", {}, h("th", { scope: "col" }, "时间"), series.map((line) => h("th", { scope: "col" }, seen(line.name))));
  const rows = shown.map((at) =>
    h("tr", {}, h("th", { scope: "row" }, momentOf(at, times[0], times[times.length - 1])), values.map((column) => h("td", {}, column.has(at) ? figure(column.get(at)) : "–"))),
  );
  const cut = shown.length < times.length ? "（最近48个）" : "";
  return h("details", {}, h("summary", {}, `数据表${cut}`), h("div", { class: "table" }, h("table", {}, h("thead", {}, head), h("tbody", {}, rows))));
}

function sentence(chart, series) {
  const parts = series.map((line) => {
    const values = line.points.map(([, value]) => value);
    const peak = line.points.reduce((best, point) => (point[1] > best[1] ? point : best));
    return `${line.name}从${figure(values[0])}到${figure(values[values.length - 1])}，最高${figure(peak[1])}（${clockOf(peak[0] * 1000)}）`;
  });
  const marks = (chart.marks ?? []).map((mark) => `${clockOf(mark.at * 1000)} ${mark.label}`);
  return seen([`${chart.title}：`, parts.join("；"), marks.length ? `。标记：${marks.join("、")}` : ""].join(""));
}

const momentOf = (at, first, last) => {
  const day = dateOf(first * 1000) === dateOf(last * 1000) ? "" : `${dateOf(at * 1000).slice(5)} `;
  return day + clockOf(at * 1000);
};

function ceiling(value) {
  if (value <= 0) return 1;
  const unit = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].map((step) => step * unit).find((step) => step >= value * 0.999);
}

const figure = (value) => new Intl.NumberFormat("zh-CN", { maximumFractionDigits: Math.abs(value) < 10 ? 2 : 0 }).format(value);
