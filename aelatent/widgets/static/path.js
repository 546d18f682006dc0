// A plane with a path to drag in it, the path's sliders, and the strip of its decoded points.
// What the traits hold stands in path_explorer.py.

const MARGIN = { left: 58, right: 10, top: 8, bottom: 40 }; // of the axes, pixels
const LINES = 3; // of text under a picture of the strip
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
const HANDLES = [
  { name: "start", label: "start of the path", moves: [1, 0] },
  { name: "middle", label: "middle of the path, moves all of it", moves: [1, 1] },
  { name: "end", label: "end of the path", moves: [0, 1] },
];
const CHECKBOXES = [["equal", "equal scales"], ["whole", "view as wide as the core"]];
// Least, most and step of a slider, where the plane in view is `reach` units of z wide.
const around = (reach) => [-reach / 2, reach / 2, reach / 200];
const SLIDERS = [
  { name: "angle", unit: "°", says: "degrees", whole: true, range: () => [-180, 180, 1] },
  { name: "length", says: "units of z", range: (reach) => [reach / 200, reach, reach / 200] },
  { name: "offset", says: "units of z", range: around },
  { name: "shift", says: "units of z", range: around },
  { name: "points", says: "points", whole: true, range: () => [2, 12, 1] },
];
const TITLES = {
  angle: "turns the path about the center",
  length: "from start to end, in units of z",
  offset: "at right angles to the path, from the center, in units of z",
  shift: "along the path, from the center, in units of z",
  points: "how many points are decoded",
};

// ---- the path in the plane, in units of z ----

function lineOf({ start, end }, center) {
  const [dx, dy] = [end[0] - start[0], end[1] - start[1]];
  const length = Math.hypot(dx, dy);
  const [c, s] = [dx / length, dy / length];
  const [mx, my] = [0, 1].map((k) => (start[k] + end[k]) / 2 - center[k]);
  const angle = (Math.atan2(dy, dx) * 180) / Math.PI;
  return { angle, length, offset: my * c - mx * s, shift: mx * c + my * s };
}

function endsOf({ angle, length, offset, shift }, center) {
  const [c, s] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
  const at = (along) => [center[0] + along * c - offset * s, center[1] + along * s + offset * c];
  return { start: at(shift - length / 2), end: at(shift + length / 2) };
}

const between = (a, b, share) => [0, 1].map((k) => a[k] + (b[k] - a[k]) * share);
const placesOf = ({ start, end, n }) =>
  Array.from({ length: n }, (_, i) => between(start, end, i / (n - 1)));

// ---- numbers and elements ----

function ticks(low, high, wanted) {
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((k) => k * power).find((size) => size >= rough);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const found = [];
  for (let k = Math.ceil(low / step); k * step <= high; k++) {
    found.push([k * step, (k * step).toFixed(digits).replace("-", "−")]);
  }
  return found;
}

// Three digits or so, whatever the scale of the plane.
function brief(value, reach) {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(reach)));
  return value.toFixed(digits).replace(/^-(0\.?0*)$/, "$1").replace("-", "−");
}

const isLight = (color) => Math.min(...color.match(/[\d.]+/g).slice(0, 3)) > 127;

const floats = ({ buffer, byteOffset, byteLength }) =>
  new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));

// A context in CSS pixels, sharp on every screen; null while the element has no size.
function sharp(canvas) {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!width || !height) return null;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio); // empties the canvas
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  context.scale(canvas.width / width, canvas.height / height);
  return { context, width, height, font: getComputedStyle(canvas).fontFamily };
}

// ---- the plane ----

function planeOf(model, plot) {
  const cloud = make("canvas", "path-cloud", plot, { role: "img" });
  const line = make("canvas", "path-line", plot, { "aria-hidden": "true" });
  let view = null;

  const box = () => model.get("scene")[model.get("whole") ? "core_box" : "box"];

  // What the axes span: the box, and as much more as equal scales need.
  function measure() {
    const [width, height] = [
      plot.clientWidth - MARGIN.left - MARGIN.right,
      plot.clientHeight - MARGIN.top - MARGIN.bottom,
    ];
    let [[x0, x1], [y0, y1]] = box();
    if (model.get("equal")) {
      const unit = Math.max((x1 - x0) / width, (y1 - y0) / height) / 2;
      const [mx, my] = [(x0 + x1) / 2, (y0 + y1) / 2];
      [x0, x1, y0, y1] = [mx - unit * width, mx + unit * width, my - unit * height, my + unit * height];
    }
    view = { x0, x1, y0, y1, width, height };
  }

  const pixels = ([x, y]) => [
    MARGIN.left + ((x - view.x0) / (view.x1 - view.x0)) * view.width,
    MARGIN.top + ((view.y1 - y) / (view.y1 - view.y0)) * view.height,
  ];
  const units = ([px, py]) => [
    view.x0 + ((px - MARGIN.left) / view.width) * (view.x1 - view.x0),
    view.y1 - ((py - MARGIN.top) / view.height) * (view.y1 - view.y0),
  ];
  const inside = ([px, py]) => [
    Math.min(Math.max(px, MARGIN.left), MARGIN.left + view.width),
    Math.min(Math.max(py, MARGIN.top), MARGIN.top + view.height),
  ];
  const sees = (place) => pixels(place).every((p, k) => Math.abs(p - inside(pixels(place))[k]) < 0.5);

  function drawAxes(context, font, labels, color) {
    const [left, bottom] = [MARGIN.left, MARGIN.top + view.height];
    context.strokeStyle = context.fillStyle = color;
    context.font = `11px ${font}`;
    context.lineWidth = 1;
    context.strokeRect(left + 0.5, MARGIN.top + 0.5, view.width - 1, view.height - 1);
    context.textAlign = "center";
    for (const [value, text] of ticks(view.x0, view.x1, view.width / 80)) {
      const [x] = pixels([value, view.y0]);
      context.fillRect(x - 0.5, bottom, 1, 4);
      context.fillText(text, x, bottom + 15);
    }
    context.textAlign = "right";
    for (const [value, text] of ticks(view.y0, view.y1, view.height / 60)) {
      const [, y] = pixels([view.x0, value]);
      context.fillRect(left - 4, y - 0.5, 4, 1);
      context.fillText(text, left - 7, y + 4);
    }
    context.textAlign = "center";
    context.font = `12px ${font}`;
    context.fillText(labels[0], left + view.width / 2, bottom + 33);
    context.rotate(-Math.PI / 2);
    context.fillText(labels[1], -(MARGIN.top + view.height / 2), 13);
    context.rotate(Math.PI / 2);
  }

  function clip(context) {
    context.beginPath();
    context.rect(MARGIN.left, MARGIN.top, view.width, view.height);
    context.clip();
  }

  function dot(context, place, radius, fill, edge) {
    context.beginPath();
    context.arc(...pixels(place), radius, 0, 2 * Math.PI);
    context.fillStyle = fill;
    context.fill();
    context.strokeStyle = edge;
    context.lineWidth = 1;
    context.stroke();
  }

  function drawScene() {
    const surface = sharp(cloud);
    if (!surface) return;
    measure();
    const { context, font } = surface;
    const scene = model.get("scene");
    const color = getComputedStyle(plot).color;
    drawAxes(context, font, scene.labels, color);
    clip(context);
    const points = floats(scene.cloud);
    const size = Math.min(4, Math.max(2, 220 / Math.sqrt(points.length))); // few are drawn larger
    context.fillStyle = scene.colors.points;
    context.globalAlpha = isLight(color) ? 0.9 : 0.5; // light text: the ground is dark
    for (let i = 0; i < points.length; i += 2) {
      const [x, y] = pixels([points[i], points[i + 1]]);
      context.fillRect(x - size / 2, y - size / 2, size, size);
    }
    context.globalAlpha = 1;
    const curve = floats(scene.section);
    context.beginPath();
    for (let i = 0; i < curve.length; i += 2) context.lineTo(...pixels([curve[i], curve[i + 1]]));
    context.closePath();
    context.setLineDash([6, 4]);
    context.strokeStyle = color;
    context.lineWidth = 1.5;
    context.stroke();
    context.setLineDash([]);
    dot(context, scene.origin, 5, scene.colors.origin, "#222");
    dot(context, scene.center, 5, scene.colors.center, "#222");
  }

  function drawPath(path) {
    const surface = view && sharp(line);
    if (!surface) return;
    const { context, font } = surface;
    const red = model.get("scene").colors.path;
    const style = getComputedStyle(plot);
    const places = placesOf(path);
    clip(context);
    context.beginPath();
    for (const place of places) context.lineTo(...pixels(place));
    context.strokeStyle = red;
    context.lineWidth = 2;
    context.stroke();
    const [a, b] = [pixels(places[0]), pixels(places.at(-1))];
    const long = Math.hypot(b[0] - a[0], b[1] - a[1]) || 1;
    const every = Math.ceil((15 * (path.n - 1)) / long); // numbers must not cover each other
    context.font = `bold 11px ${font}`;
    context.textAlign = "center";
    context.lineJoin = "round";
    places.forEach((place, i) => {
      dot(context, place, 4, red, "#fff");
      if (i < path.n - 1 && (i % every || path.n - 1 - i < every)) return;
      const [x, y] = pixels(place);
      // Beside the line, above it rather than below.
      const side = b[0] < a[0] ? -18 : 18;
      const at = [x + ((b[1] - a[1]) / long) * side, y - ((b[0] - a[0]) / long) * side + 4];
      context.strokeStyle = style.backgroundColor;
      context.lineWidth = 3;
      context.strokeText(i + 1, ...at);
      context.fillStyle = style.color;
      context.fillText(i + 1, ...at);
    });
  }

  // One place instead of a path; at the border where it lies beyond.
  function drawMark(place) {
    const surface = view && sharp(line);
    if (!surface) return;
    dot(surface.context, units(inside(pixels(place))), 7, model.get("scene").colors.path, "#fff");
  }

  return { cloud, drawScene, drawPath, drawMark, pixels, units, inside, sees, box, view: () => view };
}

// ---- the strip ----

function stripOf(model, root) {
  const strip = make("canvas", "path-strip", root, { role: "img" });
  let shown = null;

  function draw() {
    const surface = shown && sharp(strip);
    if (!surface) return;
    const { source, n, size, d2 } = shown;
    const { context, width, height, font } = surface;
    const rows = width < 4 * height && n > 3 ? 2 : 1; // on a phone
    const [columns, high] = [Math.ceil(n / rows), height / rows];
    const cell = width / columns;
    const letters = Math.max(9, Math.min(12, cell / 6, high / 12));
    const text = LINES * letters * 1.25 + 4;
    const side = Math.min(cell - 4, high - text);
    const step = Math.min(cell, side + 24); // few pictures stand together
    const core = model.get("core");
    context.fillStyle = getComputedStyle(root).color;
    context.textAlign = "center";
    context.imageSmoothingQuality = "high";
    const said = d2.map((value, i) => {
      const [middle, top] = [((i % columns) + 0.5) * step, Math.floor(i / columns) * high];
      context.drawImage(source, 0, i * size, size, size, middle - side / 2, top, side, side);
      const lines = [i + 1, `D² ${Math.round(value)}`, value <= core.border ? "core" : "outside"];
      lines.forEach((words, k) => {
        context.font = `${k === 0 ? "bold " : ""}${letters}px ${font}`;
        context.fillText(words, middle, top + side + (k + 1) * letters * 1.25);
      });
      return lines.join(", ");
    });
    strip.setAttribute("aria-label", `decoded points of the path. ${said.join("; ")}`);
  }

  return {
    draw,
    show(answer) {
      shown = answer;
      draw();
    },
  };
}

// ---- legend and caption ----

function legendOf(model, plane, legend, caption) {
  const round = (fill) => `<circle cx="11" cy="5" r="4.5" fill="${fill}" stroke="#222"/>`;
  const seen = (curve) => {
    const places = floats(curve);
    return places.some((x, i) => i % 2 === 0 && plane.sees([x, places[i + 1]]));
  };
  return () => {
    const { colors, cloud, section, total, origin } = model.get("scene");
    const count = cloud.byteLength / 8;
    const stroke = `<line x1="0" y1="5" x2="22" y2="5" stroke-width="2" stroke=`;
    const signs = [
      ["z-points", `<circle cx="11" cy="5" r="2.5" fill="${colors.points}"/>`],
      ["center", round(colors.center)],
      [plane.sees(origin) ? "origin" : "origin (out of view)", round(colors.origin)],
      ["path", `${stroke}"${colors.path}"/>`],
    ];
    if (section.byteLength) {
      const dashes = `${stroke}"currentColor" stroke-dasharray="5 3"/>`;
      signs.push([seen(section) ? "core" : "core (out of view)", dashes]);
    }
    legend.innerHTML = signs
      .map(([name, sign]) => `<span><svg viewBox="0 0 22 10">${sign}</svg>${name}</span>`)
      .join("");
    const scales = model.get("equal") ? "Both axes have one scale." : "Each axis has its own scale.";
    const { level, border } = model.get("core");
    const share = `${Math.round(100 * level)} %`;
    const outline =
      `The cloud is a projection; the outline is a section of the core through the center, with ` +
      `all other coordinates at the center. ` +
      `In the core D² is at most ${Math.round(border)}, as for ${share} of held-out z-points.`;
    caption.textContent =
      `${number(count)} of ${number(total)} z-points. ${scales} ${border ? outline : ""}`;
    plane.cloud.setAttribute("aria-label", `plane with ${number(count)} z-points and the path`);
  };
}

// ---- handles and sliders ----

function handlesOf(plot, plane, path, ask) {
  const handles = HANDLES.map(({ name, label, moves }) => {
    const handle = make("div", `path-handle path-${name}`, plot, {
      role: "slider",
      tabindex: "0",
      title: label,
      "aria-label": label,
      "aria-roledescription": "handle in a plane",
    });
    const at = () => between(path().start, path().end, (moves[1] - moves[0] + 1) / 2);
    const moveBy = (dx, dy) => {
      const { start, end, n } = path();
      const shifted = ([x, y], share) => [x + share * dx, y + share * dy];
      ask({ start: shifted(start, moves[0]), end: shifted(end, moves[1]), n });
    };
    const moveTo = ([x, y]) => moveBy(x - at()[0], y - at()[1]);
    const mouse = ({ clientX, clientY }) => {
      const box = plot.getBoundingClientRect();
      return [clientX - box.left, clientY - box.top];
    };
    let grip = null; // from the mouse to the handle's middle while it is dragged
    handle.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      handle.setPointerCapture(event.pointerId);
      const [here, there] = [mouse(event), plane.inside(plane.pixels(at()))];
      grip = [there[0] - here[0], there[1] - here[1]];
    });
    handle.addEventListener("pointermove", (event) => {
      if (!grip) return;
      const [x, y] = mouse(event);
      moveTo(plane.units(plane.inside([x + grip[0], y + grip[1]])));
    });
    handle.addEventListener("lostpointercapture", () => (grip = null));
    handle.addEventListener("keydown", (event) => {
      const arrow = ARROWS[event.key];
      if (!arrow || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      const { x0, x1, y0, y1 } = plane.view();
      const step = event.shiftKey ? 0.1 : 0.01;
      moveBy(arrow[0] * step * (x1 - x0), arrow[1] * step * (y1 - y0));
    });
    return { handle, at };
  });
  return (reach) => {
    for (const { handle, at } of handles) {
      const place = at();
      const [left, top] = plane.inside(plane.pixels(place));
      handle.style.left = `${left}px`;
      handle.style.top = `${top}px`;
      handle.classList.toggle("aelatent-path-beyond", !plane.sees(place));
      handle.setAttribute("aria-valuenow", place[0]);
      handle.setAttribute("aria-valuetext", place.map((value) => brief(value, reach)).join(", "));
    }
  };
}

function slidersOf(model, side, path, ask) {
  const line = () => ({ ...lineOf(path(), model.get("scene").center), points: path().n });
  const rows = SLIDERS.map((slider) => {
    const row = make("label", "slider", side, { title: TITLES[slider.name] });
    row.append(slider.name);
    const input = make("input", `path-${slider.name}`, row, { type: "range" });
    const output = make("output", "value", row);
    input.addEventListener("input", () => {
      const { points, ...wanted } = { ...line(), [slider.name]: Number(input.value) };
      ask({ ...endsOf(wanted, model.get("scene").center), n: points });
    });
    return { ...slider, input, output };
  });
  return (reach) => {
    const now = line();
    for (const { name, unit, says, whole, range, input, output } of rows) {
      [input.min, input.max, input.step] = range(reach);
      input.value = now[name];
      const text = whole ? brief(now[name], 100) : brief(now[name], reach);
      output.textContent = text + (unit ?? "");
      input.setAttribute("aria-valuetext", `${text} ${says}`);
    }
  };
}

// ---- all of it ----

// Latent vectors of the path's points, Float32Array (n d).
function vectorsOf(path, scene) {
  const plane = planeArrays(scene);
  const places = placesOf(path);
  const d = plane.center.length;
  const vectors = new Float32Array(places.length * d);
  places.forEach((place, i) => vectors.set(liftTo(plane, place), i * d));
  return vectors;
}

// Basis, offset and center of a scene's plane, which the scene holds as bytes.
const planeArrays = ({ basis, offset, mean }) => ({
  basis: floats(basis),
  offset: floats(offset),
  center: floats(mean),
});

function renderPath({ model, el }) {
  const root = frameOf(el, "path");
  const plot = make("div", "path-plot", root);
  const side = make("div", "path-side", root);
  const plane = planeOf(model, plot);
  const strip = stripOf(model, root);
  const reading = make("p", "reading", root, { "aria-live": "polite" });
  const error = make("p", "error", root, { role: "alert" });
  const path = () => model.get("path");
  const reach = () => {
    const [[x0, x1], [y0, y1]] = plane.box();
    return Number(Math.hypot(x1 - x0, y1 - y0).toPrecision(2));
  };
  const change = (key, value) => {
    model.set(key, value);
    model.save_changes();
  };
  const ask = ({ start, end, n }) => {
    if (Math.hypot(end[0] - start[0], end[1] - start[1]) < 1e-6 * reach()) return; // no direction
    change("path", { epoch: path().epoch, start, end, n });
  };
  const showHandles = handlesOf(plot, plane, path, ask);
  const showSliders = slidersOf(model, side, path, ask);
  const boxes = CHECKBOXES.map(([name, text]) => {
    const label = make("label", "path-check", side);
    const box = make("input", `path-${name}`, label, { type: "checkbox" });
    label.append(text);
    box.addEventListener("change", () => change(name, box.checked));
    return () => (box.checked = model.get(name));
  });
  const [legend, caption] = [make("div", "path-legend", side), make("p", "caption", side)];
  const showLegend = legendOf(model, plane, legend, caption);

  // The pictures on the page stay until the next ones are ready; then all is drawn at once.
  const decode = newest(async () => {
    const [now, scene, core] = [path(), model.get("scene"), model.get("core")];
    const answer = await decoded(model, () => vectorsOf(now, scene), { path: now });
    const inside = answer.d2.filter((value) => value <= core.border).length;
    const [first, last] = [answer.d2[0], answer.d2.at(-1)].map((d2) => number(Math.round(d2)));
    return () => {
      strip.show(answer);
      reading.textContent =
        `D² is ${first} at the start and ${last} at the end; ${inside} of ${now.n} points lie in ` +
        `the core, where it is at most ${number(Math.round(core.border))}.`;
    };
  }, error, root, underWay(model));

  function drawPath() {
    if (!plane.view()) return;
    plane.drawPath(path());
    showHandles(reach());
    showSliders(reach());
  }
  function drawAll() {
    root.style.setProperty("--aelatent-path-color", model.get("scene").colors.path);
    for (const show of boxes) show();
    plane.drawScene();
    if (plane.view()) showLegend();
    drawPath();
    strip.draw();
  }
  const follow = () => {
    drawPath();
    decode();
  };
  const ended = listen(model, {
    "change:path": follow,
    "change:scene": drawAll,
    "change:equal": drawAll,
    "change:whole": drawAll,
  });
  const undrawn = redrawn(root, drawAll);
  decode();
  return () => {
    ended();
    undrawn();
  };
}

// Draw again when an element changes its size or the page its colors; returns what ends it.
function redrawn(root, draw) {
  const resized = new ResizeObserver(draw);
  resized.observe(root);
  const themed = new MutationObserver(() => requestAnimationFrame(draw));
  const attributeFilter = ["data-jp-theme-name", "data-theme", "class"];
  for (const element of [document.body, document.documentElement])
    themed.observe(element, { attributeFilter });
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", draw);
  return () => {
    resized.disconnect();
    themed.disconnect();
    dark.removeEventListener("change", draw);
  };
}
