// Who decodes: the page by itself where the model fits it, else the kernel behind the widget. Both
// answer {source, n, size, d2}: n pictures of size x size below each other, and D² of each.

// Ask the kernel something; an answer carries the question's number, "error" where it failed.
const waiting = new WeakMap(); // of a model: number -> {done, failed}

function ask(model, content, buffers = []) {
  if (!waiting.has(model)) {
    const open = new Map();
    waiting.set(model, open);
    model.on("msg:custom", ({ id, error, ...answer }, found) => {
      const { done, failed } = open.get(id) ?? {}; // another view's
      open.delete(id);
      if (error) failed?.(new Error(error));
      else done?.({ ...answer, buffers: found });
    });
  }
  const id = `${Math.random()}`;
  return new Promise((done, failed) => {
    waiting.get(model).set(id, { done, failed });
    model.send({ ...content, id }, undefined, buffers);
  });
}

const bytesOf = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

// Arrays of a run: in a static page from a script beside it, else from the kernel, the encoder's
// when they are first asked for.
async function bundleFor(model, name) {
  if (model.bundle) return openBundle(await model.bundle(name));
  if (name === "run")
    return openBundle({ info: model.get("info"), data: bytesOf(model.get("bundle")) });
  const { info, buffers } = await ask(model, { ask: name });
  return openBundle({ info, data: bytesOf(buffers[0]) });
}

const wasmBytes = () => bundleBytes(AELATENT_WASM);

// One network for all widgets of a run in a page.
function pageOf(model) {
  const kept = (globalThis.aelatentPages ??= {});
  const key = model.get("page");
  kept[key] ??= openPage(model).catch((error) => {
    delete kept[key];
    throw error;
  });
  return kept[key];
}

async function openPage(model) {
  const run = await bundleFor(model, "run");
  const { config } = run.info;
  const network = await networkOf(wasmBytes(), config, { decoder: run.part("decoder/") });
  checkNetwork(network, run);
  const axes = axesOf(run, "");
  const core = run.has("core/mean") ? axesOf(run, "core/") : axes;
  const { size } = config;
  let encoder = null;
  return {
    run,
    axes,
    core,
    size,
    // vectors: Float32Array (n d)
    faces(vectors) {
      const n = vectors.length / axes.d;
      const source = new OffscreenCanvas(size, n * size);
      const pixels = new ImageData(network.decode(vectors, n), size, n * size);
      source.getContext("2d").putImageData(pixels, 0, 0);
      const d2 = Array.from({ length: n }, (_, i) =>
        core.d2(vectors.subarray(i * axes.d, (i + 1) * axes.d)),
      );
      return { source, n, size, d2, pixels };
    },
    // The encoder comes when it is first asked for.
    async encode(rgba) {
      encoder ??= bundleFor(model, "encoder").then((bundle) =>
        networkOf(wasmBytes(), config, { encoder: bundle.part("encoder/") }),
      );
      try {
        return (await encoder).encode(rgba);
      } catch (error) {
        encoder = null;
        throw error;
      }
    },
  };
}

// What Python decoded must come out here, too: block means of a few pictures travel along.
function checkNetwork(network, run) {
  if (!run.has("probe")) return; // from a kernel, whose decoder the widget's tests compare
  const [probe, expected] = [run.array("probe"), run.array("expected")];
  const n = probe.length / network.zDim;
  const [grid, got] = [Math.sqrt(expected.length / (3 * n)), network.decodeFloats(probe, n)];
  const block = network.size / grid;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % grid, Math.floor(i / (3 * grid))]; // y over all n
    let sum = 0;
    for (let v = 0; v < block; v++)
      for (let u = 0; u < block; u++)
        sum += got[((y * block + v) * network.size + x * block + u) * 4 + c];
    worst = Math.max(worst, Math.abs(sum / block ** 2 - expected[i]));
  }
  if (!(worst < 2e-3))
    throw new Error(`this browser decodes otherwise than Python (by ${worst}): look at the frames`);
}

// Of the kernel's pictures two may be under way: one travels, one is decoded.
const underWay = (model) => (model.get("page") ? 1 : 2);

// `fromPage(page)` computes latent vectors, (n d); `question` says the same to the kernel.
async function decoded(model, fromPage, question) {
  if (model.get("page")) {
    const page = await pageOf(model);
    return page.faces(fromPage(page));
  }
  const { buffers, ...answer } = await ask(model, { ask: "decode", ...question });
  const source = await createImageBitmap(new Blob([buffers[0]], { type: "image/jpeg" }));
  return { ...answer, source, size: source.width };
}
