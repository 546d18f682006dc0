// What the explorers share: elements, pictures, and one decoding at a time.

function make(tag, name, parent, attributes = {}, text = "") {
  const element = document.createElement(tag);
  element.className = name && name.replace(/\S+/g, "aelatent-$&");
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(text);
  parent.append(element);
  return element;
}

function button(parent, text, title, act) {
  const made = make("button", "button", parent, { type: "button", title }, text);
  made.addEventListener("click", act);
  return made;
}

function menu(parent, text, options, chosen) {
  const label = make("label", "menu", parent, {}, text);
  const pick = make("select", "", label, { autocomplete: "off" });
  for (const option of options) make("option", "", pick, { value: option }, option);
  pick.value = chosen;
  return pick;
}

const number = (n) => n.toLocaleString("en-US");
const signed = (value, digits) => value.toFixed(digits).replace("-", "−");

// Canvas of a picture, or of some side by side; empty until `paint` is called.
const picture = (parent, name, says) =>
  make("canvas", name, parent, { role: "img", "aria-label": says, width: 1, height: 1 });

// Draw the `n` pictures of an answer side by side, each `size` pixels wide.
function paint(canvas, { source, n, size }) {
  [canvas.width, canvas.height] = [n * size, size]; // empties it: what is new is drawn at once
  const context = canvas.getContext("2d");
  for (let i = 0; i < n; i++)
    context.drawImage(source, 0, i * size, size, size, i * size, 0, size, size);
}

// Where a vector lies, in words; `core` says what run.core is, or why there is none.
function whereIs(d2, core) {
  if (core.why) return `No core: ${core.why}`;
  const side = d2 <= core.border ? "in" : "outside";
  return (
    `D² = ${number(Math.round(d2))}, ${side} the core: ${Math.round(100 * core.level)} % of ` +
    `${number(core.n)} held-out z-points lie below ${number(Math.round(core.border))}.`
  );
}

// Call `act` for the newest state, at most once a frame of the screen and `most` times at once, so
// that no queue grows. It may return what shows the result, which is left out where a later one
// was there before. What it throws is shown in `error`, until a later call succeeds. `root` tells
// which call was the last, and which one it shows.
function newest(act, error, root = { dataset: {} }, most = 1) {
  let [running, asked, begun, done] = [0, 0, 0, 0];
  const go = async () => {
    running += 1;
    while (begun < asked) {
      await new Promise(requestAnimationFrame);
      if (begun === asked) break; // the other one took it
      const mine = (begun = asked);
      try {
        const show = await act();
        if (mine < done) continue;
        show?.();
        error.textContent = "";
        root.dataset.shown = done = mine;
      } catch (reason) {
        error.textContent = reason.message;
        console.error(reason);
      }
    }
    running -= 1;
  };
  return () => {
    root.dataset.asked = asked += 1;
    if (running < most) go();
  };
}

// The frame of an explorer: what all have, and the end of listening when the view goes.
function frameOf(el, name) {
  const root = make("div", `explorer ${name}`, make("div", "room", el));
  const KEYS = /^(Arrow|Page|Home|End| |Enter|Escape|.$)/;
  root.addEventListener("keydown", (event) => {
    // Or JupyterLab walks to another cell, and takes letters for commands.
    if (KEYS.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey)
      event.stopPropagation();
  });
  return root;
}

// Listen to a model as long as the view is there; returns what ends it.
function listen(model, events) {
  for (const [event, act] of Object.entries(events)) model.on(event, act);
  return () => {
    for (const [event, act] of Object.entries(events)) model.off(event, act);
  };
}
