// Sliders along principal axes, random faces, and the nearest pictures.

const SPAN = 3; // standard deviations that a slider spans to each side of the center

function renderMixer({ model, el }) {
  const root = frameOf(el, "mixer");
  const left = make("div", "faces", root);
  const side = make("div", "side", root);
  const face = picture(left, "face", "decoded face");
  const strip = picture(left, "nearest", "nearest pictures");
  const caption = make("p", "caption", left);

  const y = () => [...model.get("y")];
  const move = (values) => {
    model.set("y", values);
    model.save_changes();
  };
  const sliders = model.get("explained").map((share, i) => {
    const title = `standard deviations along principal axis ${i + 1}, which carries`;
    const row = make("label", "slider", side, {
      title: `${title} ${(100 * share).toFixed(1)} % of the variance`,
    });
    row.append(`PC ${i + 1}`);
    const input = make("input", "", row, { type: "range", step: 0.1, autocomplete: "off" });
    const output = make("output", "value", row);
    input.addEventListener("input", () => {
      const values = y();
      values[i] = Number(input.value);
      move(values);
    });
    return { input, output };
  });
  const pick = menu(side, "sampler", model.get("samplers"), model.get("sampler"));
  pick.addEventListener("change", () => {
    model.set("sampler", pick.value);
    model.save_changes();
  });
  const line = make("div", "buttons", side);
  const reading = make("p", "reading", side, { "aria-live": "polite" });
  const error = make("p", "error", side, { role: "alert" });
  const draw = newest(async () => {
    if (!model.draw) await ask(model, { ask: "draw" }); // it moves y
    else move(await model.draw());
  }, error);
  button(line, "Random face", "draw all coordinates from the sampler", draw);
  button(line, "Center", "to the mean z-point", () => move(y().fill(0)));

  const look = newest(async () => {
    const near = await (model.nearest?.(y()) ?? nearestFromKernel(model, y()));
    strip.hidden = !near.source;
    if (near.source) paint(strip, near);
    const named = near.rows.map((row, k) => `row ${row} (${near.distances[k].toFixed(1)})`);
    const of = `nearest of ${number(near.among)} pictures`;
    caption.textContent = `${of}, with their distances: ${named.join(", ")}`;
    strip.setAttribute("aria-label", caption.textContent);
  }, error);
  const show = newest(async () => {
    const now = y();
    const fromPage = ({ axes }) => axes.unwhiten(now);
    const answer = await decoded(model, fromPage, { y: now });
    return () => {
      paint(face, answer);
      reading.textContent = whereIs(answer.d2[0], model.get("core"));
      face.setAttribute("aria-label", `decoded face; ${reading.textContent}`);
      look();
    };
  }, error, root, underWay(model));

  function follow() {
    const now = y();
    sliders.forEach(({ input, output }, i) => {
      const reach = Math.max(SPAN, Math.ceil(10 * Math.abs(now[i])) / 10);
      [input.min, input.max, input.value] = [-reach, reach, now[i]];
      output.textContent = signed(now[i], 1);
      input.setAttribute("aria-valuetext", `${now[i].toFixed(1)} standard deviations`);
    });
    show();
  }
  follow();
  return listen(model, {
    "change:y": follow,
    "change:sampler": () => (pick.value = model.get("sampler")),
  });
}

async function nearestFromKernel(model, y) {
  const { buffers, ...near } = await ask(model, { ask: "nearest", y });
  if (!buffers.length) return near;
  const source = await createImageBitmap(new Blob([buffers[0]], { type: "image/jpeg" }));
  return { ...near, source, n: near.rows.length, size: source.width };
}
