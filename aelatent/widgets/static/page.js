// In a static page: fill the places for explorers from what was written beside this script.

const HERE = document.currentScript?.src ?? "";
const RENDERERS = { mixer: renderMixer, path: renderPath, component: renderComponent, photo: renderPhoto };

function load(name) {
  globalThis.aelatentRuns ??= {};
  if (aelatentRuns[name]) return Promise.resolve(aelatentRuns[name]);
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    script.onload = () => done(aelatentRuns[name]);
    script.onerror = () => failed(new Error(`${name}.js cannot be loaded: is it beside code.js?`));
    script.src = new URL(`${name}.js`, HERE);
    document.head.append(script);
  });
}

// What anywidget's model is in JupyterLab.
function standIn(state, methods) {
  const heard = {};
  const fire = (event, ...said) => heard[event]?.forEach((act) => act(...said));
  return {
    ...methods,
    bundle: load,
    get: (key) => state[key],
    set(key, value) {
      state[key] = value;
      fire(`change:${key}`);
    },
    on: (event, act) => (heard[event] ??= new Set()).add(act),
    off: (event, act) => heard[event]?.delete(act),
    save_changes() {},
  };
}

function sceneOf(run, i) {
  const get = (name) => run.array(`plane${i}/${name}`);
  const arrays = Object.fromEntries(
    ["cloud", "section", "basis", "offset"].map((name) => [name, get(name)]),
  );
  return { ...run.info.planes[i].scene, ...arrays, mean: run.array("mean"), colors: AELATENT_COLORS };
}

const pathIn = ({ first: [start, end] }, n, epoch) => ({ epoch, start, end, n });

// The state and the methods of an explorer's model, as Python's widget of that name has them.
const MODELS = {
  async mixer(page) {
    const { run, axes } = page;
    const samplers = samplersOf(run, axes);
    const rng = randomNumbers(1);
    const { explained } = run.info;
    const sampler = "multivariate normal";
    const state = { y: Array(axes.rank).fill(0), explained, samplers: run.info.samplers, sampler };
    const draw = () => [...axes.whiten(samplers[state.sampler](rng))];
    return [state, { draw, nearest: run.has("near/z") && (await nearestInPage(page)) }];
  },
  async component({ run }) {
    const { components, n } = run.info;
    const curves = run.array("curves");
    const mean = [...run.array("mean")];
    const place = { component: components[0], value: curves[0] };
    const rows = run.has("near/z") ? run.array("near/z") : Float32Array.from(mean);
    const rng = randomNumbers(2);
    const picture = () => {
      const at = Math.floor((rng.next() * rows.length) / mean.length) * mean.length;
      return [...rows.subarray(at, at + mean.length)];
    };
    return [{ components, n, curves, mean, rest: mean, place, colors: AELATENT_COLORS }, { picture }];
  },
  async path({ run }) {
    const path = pathIn(run.info.planes[0], 8, 0);
    return [{ path, scene: sceneOf(run, 0), equal: false, whole: false }, {}];
  },
  async photo({ run, size }) {
    const { samples } = run.info;
    return [{ size, samples, scene: sceneOf(run, 0), equal: false, whole: false }, {}];
  },
};

async function nearestInPage({ run, axes }) {
  const find = nearestOf(run);
  const { rows, sprite, side } = run.info.near;
  const image = await createImageBitmap(await (await imageOf(sprite)));
  const columns = image.width / side;
  return (y) => {
    const found = find(axes.unwhiten(y), 3);
    const source = new OffscreenCanvas(side, 3 * side);
    found.forEach(({ at }, k) => {
      const [x, from] = [at % columns, Math.floor(at / columns)];
      const to = [0, k * side, side, side];
      source.getContext("2d").drawImage(image, x * side, from * side, side, side, ...to);
    });
    const distances = found.map(({ distance }) => distance);
    const numbers = found.map(({ at }) => rows[at]);
    return { source, n: 3, size: side, rows: numbers, distances, among: rows.length };
  };
}

async function imageOf(address) {
  const image = new Image();
  image.src = address; // a data: address, which needs no connection
  await image.decode();
  return image;
}

async function mount(element) {
  const kind = element.dataset.aelatent;
  const page = await pageOf(standIn({ page: "run" }, {}));
  const { run } = page;
  if ((element.dataset.run ?? run.info.key) !== run.info.key) return; // another run's: its stills stay
  const [state, methods] = await MODELS[kind](page);
  const model = standIn({ page: "run", core: run.info.core, ...state }, methods);
  const place = document.createElement("div");
  if (kind === "path") {
    const roles = run.info.planes.map(({ role, name }) => `${role}: ${name}`);
    const pick = menu(make("div", "explorer", place), "plane", roles, roles[0]);
    pick.addEventListener("change", () => {
      const { n, epoch } = model.get("path");
      model.set("scene", sceneOf(run, pick.selectedIndex));
      model.set("path", pathIn(run.info.planes[pick.selectedIndex], n, epoch + 1));
    });
  }
  element.replaceChildren(place);
  RENDERERS[kind]({ model, el: place });
  element.dataset.live = "yes";
}

// All places in the page come to life; where that fails, what stood there stays, with the reason.
globalThis.aelatentMount = async () => {
  for (const element of document.querySelectorAll(".aelatent-live:not([data-live])")) {
    element.dataset.live = "loading";
    try {
      await mount(element);
    } catch (error) {
      delete element.dataset.live;
      const said = element.querySelector("[role=alert]") ?? make("p", "error", element, { role: "alert" });
      said.textContent = `This page cannot decode here: ${error.message}`;
      console.error(error);
    }
  }
};
if (document.body?.dataset.aelatent === "now") globalThis.aelatentMount();
