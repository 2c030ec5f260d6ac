// Orders: buttons, buttons that are held, and keys that are held. Letting go stops the car.
const TURN_DEG_S = 60;
const KEYS = {
  ArrowUp: "forward", w: "forward", ArrowDown: "backward", s: "backward",
  ArrowLeft: "turn-left", a: "turn-left", ArrowRight: "turn-right", d: "turn-right",
};

export class Drive {
  constructor(token, refuse) {
    this.token = token;
    this.refuse = refuse;
    this.page = null;
    this.held = new Set();
    this.last = Promise.resolve();
    this.speed = document.getElementById("speed");
    this.speed.addEventListener("input", () => {
      document.getElementById("speed-shown").textContent = this.speed.value;
      if (this.held.size) this.drive();
    });
    for (const button of document.querySelectorAll("[data-do]")) {
      button.addEventListener("click", () => {
        button.blur(); // or Space would press it again
        this.letGo();
        this.order({ do: button.dataset.do });
      });
    }
    for (const button of document.querySelectorAll("[data-speed]")) this.holdable(button);
    addEventListener("keydown", (event) => this.keyDown(event));
    addEventListener("keyup", (event) => this.release(KEYS[event.key]));
    addEventListener("blur", () => this.releaseAll());
    document.addEventListener("visibilitychange", () => document.hidden && this.releaseAll());
  }

  holdable(button) {
    button.addEventListener("pointerdown", (event) => {
      button.setPointerCapture(event.pointerId);
      this.hold(button.id);
    });
    for (const kind of ["pointerup", "pointercancel", "lostpointercapture"]) {
      button.addEventListener(kind, () => this.release(button.id));
    }
    button.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  keyDown(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target === this.speed) return;
    if (event.key === " ") {
      event.preventDefault();
      this.letGo();
      this.order({ do: "stop" });
    } else if (KEYS[event.key]) {
      event.preventDefault();
      if (!event.repeat) this.hold(KEYS[event.key]);
    }
  }

  hold(id) {
    this.held.add(id);
    this.drive();
  }

  release(id) {
    if (id && this.held.delete(id)) this.drive();
  }

  releaseAll() {
    if (this.held.size) {
      this.held.clear();
      this.drive();
    }
  }

  // Another order takes over from what is held.
  letGo() {
    this.held.clear();
    for (const button of document.querySelectorAll(".held")) button.classList.remove("held");
  }

  drive() {
    let speed = 0, turn = 0;
    for (const button of document.querySelectorAll("[data-speed]")) {
      const isHeld = this.held.has(button.id);
      button.classList.toggle("held", isHeld);
      if (isHeld) {
        speed += Number(button.dataset.speed);
        turn += Number(button.dataset.turn);
      }
    }
    if (speed || turn) this.order({ do: "drive", speed: speed * Number(this.speed.value), turn: turn * TURN_DEG_S });
    else this.order({ do: "stop" });
  }

  // In turn: a drive that overtook the stop behind it would not end. An emergency stop waits for nobody.
  order(asked) {
    if (asked.do === "halt") return this.send(asked);
    this.last = this.last.then(() => this.send(asked));
    return this.last;
  }

  async send(asked) {
    try {
      const answer = await fetch("/order", {
        method: "POST",
        headers: { "Content-Type": "application/json", Authorization: `Bearer ${this.token}` },
        body: JSON.stringify({ ...asked, page: this.page }),
        keepalive: true,
      });
      this.refuse(answer.ok ? "" : await answer.text());
    } catch (error) {
      this.refuse(`not sent: ${error.message}`);
    }
  }
}
