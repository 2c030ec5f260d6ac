// The page: a socket that tells what the car does, and what is shown of it.
import { FloorMap } from "./map.js";
import { Values } from "./values.js";
import { Drive } from "./drive.js";

const HERE_MS = 400;
const RETRY_MS = 1000;
const NO_TOKEN = 4401;
const LOG_LINES = 500;

const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
const at = (id) => document.getElementById(id);
const map = new FloorMap(at("map"));
const drive = new Drive(token, (text) => { at("refused").textContent = text; });
let values = null;

function connect() {
  const socket = new WebSocket(`ws://${location.host}/live`);
  let here = 0;
  socket.addEventListener("open", () => {
    socket.send(JSON.stringify({ token }));
    // The car is stopped when the page that drives it no longer says that it is there.
    here = setInterval(() => socket.send('{"here":true}'), HERE_MS);
  });
  socket.addEventListener("message", (event) => take(JSON.parse(event.data)));
  socket.addEventListener("close", (event) => {
    clearInterval(here);
    if (event.code === NO_TOKEN) {
      showConnection("lost", "open the URL that `host web` printed, token and all");
      return;
    }
    showConnection("lost", "host web does not answer; trying again");
    setTimeout(connect, RETRY_MS);
  });
}

function take(told) {
  if (told.page) begin(told);
  else update(told);
}

function begin(hello) {
  drive.page = hello.page;
  at("car").textContent = hello.car;
  at("patrol").textContent = hello.route ? `Patrol ${hello.route}` : "Patrol";
  values = new Values(at("values"), hello.channels);
  map.plan = hello.plan;
  at("log").replaceChildren();
}

function update(told) {
  showConnection(told.connection, told.connection === "lost" ? told.reason : "");
  at("mode").textContent = told.mode ?? "mode unknown";
  at("halted").hidden = !told.halted;
  at("faults").hidden = told.faults.length === 0;
  at("faults").textContent = told.faults.join(", ");
  at("clock").textContent = told.time_us === null ? "" : `${(told.time_us / 1e6).toFixed(1)} s`;
  if (told.history) values.begin(told.history);
  if (told.values) values.show(told.values, told.time_us);
  map.take(told);
  at("place").textContent = map.title();
  showLink(told.link);
  for (const note of told.notes) addNote(note);
}

function showConnection(connection, reason) {
  const shown = at("connection");
  shown.textContent = connection;
  shown.className = `state ${connection === "connected" ? "good" : "bad"}`;
  at("reason").textContent = reason;
}

function showLink(link) {
  const trip = link.round_trip_ms === null ? "-" : `${link.round_trip_ms.toFixed(0)} ms`;
  const share = link.raw_bytes ? `${Math.round((100 * link.saved_bytes) / link.raw_bytes)} %` : "-";
  const figures = {
    "rows/s": link.rows_per_s.toFixed(1), "round trip": trip, "frames good": link.good, "frames bad": link.bad,
    "frames lost": link.lost, "retries": link.retries, "goodput": `${link.goodput} B/s`,
    "on the wire": `${link.wire} B/s`, "saved": `${link.saved_bytes.toLocaleString("en")} B (${share})`,
  };
  const list = at("link");
  if (!list.childElementCount) {
    for (const name of Object.keys(figures)) {
      const pair = list.appendChild(document.createElement("div"));
      pair.appendChild(document.createElement("dt")).textContent = name;
      pair.appendChild(document.createElement("dd"));
    }
  }
  Object.values(figures).forEach((figure, n) => { list.children[n].lastElementChild.textContent = figure; });
}

function addNote(note) {
  const log = at("log");
  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 30;
  const line = log.appendChild(document.createElement("li"));
  line.className = note.kind;
  line.appendChild(document.createElement("time")).textContent = new Date(1000 * note.at).toLocaleTimeString("en-GB");
  line.append(note.text);
  while (log.childElementCount > LOG_LINES) log.firstElementChild.remove();
  if (isAtEnd) log.scrollTop = log.scrollHeight;
}

connect();
