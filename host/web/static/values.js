// A row for each channel: name, value, unit, and how it went.
const KEPT = 240;
const MOST_DECIMALS = 3;

export class Values {
  constructor(table, channels) {
    this.time = null;
    this.rows = channels.map((channel) => {
      const row = document.createElement("tr");
      const cells = ["name", "value", "unit", "plot"].map((kind) => {
        const cell = row.appendChild(document.createElement("td"));
        cell.className = kind;
        return cell;
      });
      cells[0].textContent = channel.name;
      cells[1].id = `value-${channel.name}`;
      cells[1].textContent = "-";
      cells[2].textContent = channel.unit;
      const canvas = cells[3].appendChild(document.createElement("canvas"));
      return { name: channel.name, text: worded(channel), row, value: cells[1], canvas, kept: [] };
    });
    table.replaceChildren(...this.rows.map((row) => row.row));
  }

  begin(history) {
    for (const row of this.rows) row.kept = (history[row.name] ?? []).slice(-KEPT);
  }

  show(values, time) {
    if (time === this.time) return;
    this.time = time;
    for (const row of this.rows) {
      const value = values[row.name];
      row.value.textContent = row.text(value);
      row.kept.push(value);
      if (row.kept.length > KEPT) row.kept.shift();
      plot(row.canvas, row.kept);
    }
  }
}

// How a channel's value is written: by its name, where its values or its bits have names.
function worded({ scale, states, flags }) {
  if (states) return (value) => states[value] ?? String(value);
  if (flags) return (value) => flags.filter((_, place) => (value >> place) & 1).join(" ") || String(value || "none");
  const digits = decimals(scale);
  return (value) => value.toFixed(digits);
}

function decimals(scale) {
  const digits = (String(scale).split(".")[1] ?? "").length;
  return digits > MOST_DECIMALS ? 1 : digits;
}

function plot(canvas, kept) {
  const width = (canvas.width = canvas.clientWidth), height = (canvas.height = canvas.clientHeight);
  const low = Math.min(...kept), span = Math.max(...kept) - low;
  const pen = canvas.getContext("2d");
  pen.strokeStyle = getComputedStyle(canvas).getPropertyValue("--drive");
  pen.beginPath();
  kept.forEach((value, n) => {
    const x = (width * (n + KEPT - kept.length)) / (KEPT - 1);
    const y = span ? height - 2 - ((value - low) / span) * (height - 4) : height - 2;
    if (n) pen.lineTo(x, y);
    else pen.moveTo(x, y);
  });
  pen.stroke();
}
