// One component: its density, a mark to drag in it, and the face.

const BINS = 80; // of a density, as _curves.py counts
const ROW = 4 + BINS + BINS + 1; // center, low, high, width; density; shares below the bins' edges
const SVG = "http://www.w3.org/2000/svg";

function renderComponent({ model, el }) {
  const root = frameOf(el, "component");
  const face = picture(make("div", "faces", root), "face", "decoded face");
  const side = make("div", "side", root);
  const components = model.get("components").map(String);
  const place = () => model.get("place");
  const pick = menu(side, "along component", components, String(place().component));
  const plot = make("div", "density", side);
  const row = make("label", "slider", side, { title: "value of the component, in units of z" });
  row.append("value");
  const input = make("input", "", row, { type: "range", autocomplete: "off" });
  const output = make("output", "value", row);
  const line = make("div", "buttons", side);
  const reading = make("p", "reading", side, { "aria-live": "polite" });
  const error = make("p", "error", side, { role: "alert" });

  const curves = floats(model.get("curves"));
  const curve = () => {
    const at = components.indexOf(String(place().component)) * ROW;
    const [center, low, high, width] = curves.subarray(at, at + 4);
    const [density, below] = [
      curves.subarray(at + 4, at + 4 + BINS),
      curves.subarray(at + 4 + BINS, at + ROW),
    ];
    return { center, low, high, width, density, below };
  };
  const move = (component, value) => {
    model.set("place", { component, value });
    model.save_changes();
  };
  pick.addEventListener("change", () => {
    const component = Number(pick.value);
    move(component, curves[components.indexOf(pick.value) * ROW]);
  });
  input.addEventListener("input", () => move(place().component, Number(input.value)));
  const base = newest(async () => {
    if (!model.picture) await ask(model, { ask: "picture" }); // it sets base
    else model.set("rest", await model.picture());
  }, error);
  button(line, "Random picture", "the other components: those of a picture", base);
  button(line, "Center", "the other components: those of the mean z-point", () => {
    model.set("rest", model.get("mean"));
    model.save_changes();
  });

  const drag = (event) => {
    const { low, high } = curve();
    const box = plot.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    move(place().component, low + share * (high - low));
  };
  plot.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    plot.setPointerCapture(event.pointerId);
    drag(event);
  });
  plot.addEventListener("pointermove", (event) => {
    if (plot.hasPointerCapture(event.pointerId)) drag(event);
  });

  const show = newest(async () => {
    const [{ component, value }, rest] = [place(), model.get("rest")];
    const fromPage = () => {
      const z = Float32Array.from(rest);
      z[component] = value;
      return z;
    };
    const answer = await decoded(model, fromPage, { place: { component, value }, rest });
    const { center, low, high, width, below } = curve();
    const at = Math.min(BINS, Math.max(0, ((value - low) / (high - low)) * BINS));
    const k = Math.min(BINS - 1, Math.floor(at));
    const share = below[k] + (at - k) * (below[k + 1] - below[k]);
    const off = width ? (value - center) / width : 0;
    return () => {
      paint(face, answer);
      reading.textContent =
        `${signed(value, 2)}: ${signed(off, 2)} widths off the center ${signed(center, 2)}; ` +
        `${(100 * share).toFixed(1)} % of the ${number(model.get("n"))} z-points lie below. ` +
        whereIs(answer.d2[0], model.get("core"));
      const says = `decoded face; component ${component} at ${value.toFixed(2)}`;
      face.setAttribute("aria-label", says);
    };
  }, error, root, underWay(model));

  function follow() {
    const { component, value } = place();
    const { center, low, high, density } = curve();
    pick.value = String(component);
    [input.min, input.max, input.step] = [low, high, (high - low) / BINS];
    input.value = value;
    output.textContent = signed(value, 2);
    input.setAttribute("aria-valuetext", `${value.toFixed(2)} units of z`);
    plot.replaceChildren(densityOf(density, (center - low) / (high - low), model.get("colors")));
    plot.firstChild.setAttribute("aria-label", `density along component ${component}`);
    const mark = make("span", "mark", plot);
    mark.style.left = `${(100 * (value - low)) / (high - low)}%`;
    for (const [k, x] of [low, center, high].entries())
      make("span", `tick tick-${k}`, plot, {}, signed(x, 2));
    show();
  }
  follow();
  return listen(model, { "change:place": follow, "change:rest": show });
}

// Blue: the density in bins; orange: the center, a share of the width from the left.
function densityOf(density, center, colors) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${BINS} 100`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  const top = Math.max(...density) || 1;
  const up = Array.from(density, (value, i) => {
    const y = (100 - (92 * value) / top).toFixed(2);
    return `${i},${y} ${i + 1},${y}`;
  });
  const shape = document.createElementNS(SVG, "polygon");
  shape.setAttribute("points", `0,100 ${up.join(" ")} ${BINS},100`);
  shape.setAttribute("fill", colors.points);
  shape.setAttribute("fill-opacity", 0.5);
  const line = document.createElementNS(SVG, "rect");
  for (const [key, value] of Object.entries({
    x: center * BINS - 0.15, y: 0, width: 0.3, height: 100, fill: colors.center,
  }))
    line.setAttribute(key, value);
  svg.append(shape, line);
  return svg;
}
