// The floor with what stands on it, the car's track, and the car. Millimetres, y up.
const CAR_MM = [200, 150];
const LEAST_MM = 2000;
const EDGE_PX = 12;
const TRACK_PLACES = 20000;

export class FloorMap {
  constructor(canvas) {
    this.canvas = canvas;
    this.plan = null;
    this.track = [];
    this.pose = null;
    new ResizeObserver(() => this.draw()).observe(canvas);
  }

  take(told) {
    if (told.track_begins) this.track = [];
    this.track.push(...told.track);
    if (this.track.length > TRACK_PLACES) this.track.splice(0, this.track.length - TRACK_PLACES);
    this.pose = told.pose;
    this.draw();
  }

  title() {
    const name = this.plan ? this.plan.name : "map";
    if (!this.pose) return `${name}: place not known`;
    const [x, y, heading] = this.pose.map((value) => Math.round(value));
    return `${name}: x ${x} mm, y ${y} mm, ${heading}°`;
  }

  corners() {
    if (this.plan) return [this.plan.low, this.plan.high];
    const places = this.pose ? [...this.track, this.pose] : [[0, 0]];
    const xs = places.map((place) => place[0]);
    const ys = places.map((place) => place[1]);
    const span = (all) => [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))];
    const [x0, x1] = span(xs), [y0, y1] = span(ys);
    const half = Math.max(LEAST_MM, 1.2 * (x1 - x0), 1.2 * (y1 - y0)) / 2;
    const middle = [(x0 + x1) / 2, (y0 + y1) / 2];
    return [middle.map((m) => m - half), middle.map((m) => m + half)];
  }

  draw() {
    const { canvas } = this;
    const ratio = window.devicePixelRatio || 1;
    const width = canvas.clientWidth, height = canvas.clientHeight;
    if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
    if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    const [low, high] = this.corners();
    const scale = Math.min((width - 2 * EDGE_PX) / (high[0] - low[0]), (height - 2 * EDGE_PX) / (high[1] - low[1]));
    if (!(scale > 0)) return;
    const left = (width - scale * (high[0] - low[0])) / 2, bottom = (height + scale * (high[1] - low[1])) / 2;
    this.to = ([x, y]) => [left + scale * (x - low[0]), bottom - scale * (y - low[1])];
    const style = getComputedStyle(canvas);
    const color = (name) => style.getPropertyValue(name);
    const looks = {
      wall: [style.color, 3, []], door: [color("--bad"), 3, []], obstacle: [color("--mark"), 2, []],
      tape: [color("--faint"), 3, []], charger: [color("--good"), 1, []], route: [color("--faint"), 1, [5, 4]],
    };
    for (const line of this.plan?.lines ?? []) this.line(pen, line.points, ...looks[line.kind]);
    this.line(pen, this.track, color("--drive"), 2, []);
    if (this.pose) this.car(pen, color("--drive"));
  }

  line(pen, points, color, width, dashes) {
    pen.strokeStyle = color;
    pen.lineWidth = width;
    pen.lineJoin = "round";
    pen.setLineDash(dashes);
    pen.beginPath();
    points.forEach((point, n) => (n ? pen.lineTo(...this.to(point)) : pen.moveTo(...this.to(point))));
    pen.stroke();
  }

  car(pen, color) {
    const [x, y, heading] = this.pose;
    const turn = (heading * Math.PI) / 180;
    const [length, width] = CAR_MM.map((side) => side / 2);
    const corner = (ahead, aside) => [
      x + ahead * Math.cos(turn) - aside * Math.sin(turn), y + ahead * Math.sin(turn) + aside * Math.cos(turn),
    ];
    const outline = [corner(length, 0), corner(0.4 * length, width), corner(-length, width), corner(-length, -width),
      corner(0.4 * length, -width), corner(length, 0)];
    this.line(pen, outline, color, 2, []);
    pen.fillStyle = color;
    pen.globalAlpha = 0.4;
    pen.fill();
    pen.globalAlpha = 1;
  }
}
