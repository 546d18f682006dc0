// The reader's own picture: encoded and decoded, and where its z-point lies.

const MOST = 4096; // pixels of a side that are looked at: a phone's photo is made smaller before
const NOTE =
  "The network has learned to copy pictures like those that it was trained on, and no others. Of " +
  "a photo, to one that has seen drawn portraits only, it keeps what such portraits have: light, " +
  "colors, the place of the head. What it gives back is a drawing, its error is many times that " +
  "of a portrait, and D² lies far outside the core. The centered square of the picture is taken: " +
  "a face should fill most of it.";
const STAYS = "It stays in this page: nothing is sent anywhere.";
const GOES = "This page cannot encode for this run: the picture goes to the kernel of the notebook.";
const NOISE =
  "This browser puts noise into pictures that a page reads, a protection from being recognized: the " +
  "network would get another picture than yours. Allow this page to read canvases, or take another " +
  "browser.";

function renderPhoto({ model, el }) {
  const root = frameOf(el, "photo");
  const left = make("div", "faces", root);
  const plot = make("div", "path-plot", root);
  const plane = planeOf(model, plot);
  const drop = make("label", "drop", left, {}, "Choose or drop a picture. ");
  const input = make("input", "", drop, { type: "file", accept: "image/*" });
  make("small", "", drop, {}, model.get("page") ? STAYS : GOES);
  const figures = make("div", "pair", left);
  const [before, after] = ["as the network gets it", "decoded from its z-point"].map((text) => {
    const figure = make("figure", "", figures);
    const canvas = picture(figure, "small", text);
    make("figcaption", "", figure, {}, text);
    return canvas;
  });
  const samples = make("div", "samples", left);
  const reading = make("p", "reading", root, { "aria-live": "polite" });
  const error = make("p", "error", root, { role: "alert" });
  make("p", "caption", root, {}, NOTE);
  let place = null;

  function drawAll() {
    root.style.setProperty("--aelatent-path-color", model.get("scene").colors.path);
    plane.drawScene();
    plane.cloud.setAttribute("aria-label", "plane of z-points; the red mark is the picture's");
    if (place) plane.drawMark(place);
  }

  let wanted = null;
  const take = newest(async () => {
    const size = model.get("size");
    const rgba = squareOf(await pixelsOf(wanted), size);
    const { z, answer } = await roundTrip(model, rgba);
    paint(before, { source: canvasOf(rgba, size), n: 1, size });
    paint(after, answer);
    place = placeIn(model.get("scene"), z);
    drawAll();
    const length = Math.hypot(...z).toFixed(1);
    const rmse = Math.sqrt(answer.error);
    reading.textContent =
      `Mean squared error ${answer.error.toFixed(4)}, as if every value were off by ` +
      `${(100 * rmse).toFixed(1)} % of the range. ${whereIs(answer.d2[0], model.get("core"))} ` +
      `Length of z: ${length}. The red mark is its place in the plane.`;
    model.set("z", [...z]);
    model.save_changes();
  }, error, root);
  const choose = (source) => {
    if (!source) return;
    wanted = source;
    take();
  };
  input.addEventListener("change", () => choose(input.files[0]));
  left.addEventListener("dragover", (event) => event.preventDefault());
  left.addEventListener("drop", (event) => {
    event.preventDefault();
    choose(event.dataTransfer.files[0]);
  });
  for (const [k, source] of model.get("samples").entries()) {
    const title = `take picture ${k + 1} of those that the network knows`;
    const sample = make("button", "sample", samples, { type: "button", title });
    const image = make("img", "", sample, { class: "dark-light", src: source, width: 48, height: 48, alt: title });
    sample.addEventListener("click", () => choose(image));
  }
  return redrawn(root, drawAll);
}

const canvasOf = (rgba, size) => {
  const canvas = new OffscreenCanvas(size, size);
  canvas.getContext("2d").putImageData(new ImageData(rgba, size, size), 0, 0);
  return canvas;
};

// Whether a page reads of a canvas what it has put there: not where Firefox resists fingerprinting.
function readsTruly() {
  const side = 64;
  const context = new OffscreenCanvas(side, side).getContext("2d");
  const put = new Uint8ClampedArray(4 * side ** 2).map((_, i) => (i % 4 < 3 ? (37 * i) % 256 : 255));
  context.putImageData(new ImageData(put, side, side), 0, 0);
  const { data } = context.getImageData(0, 0, side, side);
  return put.every((value, i) => value === data[i]);
}

// A file or an image as ImageData, upright as its EXIF says.
async function pixelsOf(source) {
  if (!readsTruly()) throw new Error(NOISE);
  let bitmap;
  try {
    bitmap = await createImageBitmap(source);
  } catch {
    const name = source.name ? `${source.name} ` : "This ";
    throw new Error(`${name}cannot be read as a picture: choose a JPEG, PNG or WebP.`);
  }
  const shrink = Math.min(1, MOST / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width, bitmap.height].map((n) => Math.max(1, Math.round(n * shrink)));
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return context.getImageData(0, 0, width, height);
}

// Where a z-point is projected to.
function placeIn(scene, z) {
  const { basis, offset } = planeArrays(scene);
  const place = [0, 0];
  for (let i = 0; i < offset.length; i++)
    for (const k of [0, 1]) place[k] += (z[i] - offset[i]) * basis[2 * i + k];
  return place;
}

// Encode and decode a picture, RGBA of `size` squared, with its mean squared error in 0..1.
async function roundTrip(model, rgba) {
  const size = model.get("size");
  if (!model.get("page")) {
    const { z, buffers, ...answer } = await ask(model, { ask: "encode" }, [rgba]);
    const source = await createImageBitmap(new Blob([buffers[0]], { type: "image/jpeg" }));
    return { z, answer: { ...answer, source, size } };
  }
  const page = await pageOf(model);
  const z = await page.encode(rgba);
  const answer = page.faces(z);
  let sum = 0;
  for (let i = 0; i < rgba.length; i++)
    if (i % 4 < 3) sum += ((rgba[i] - answer.pixels.data[i]) / 255) ** 2;
  return { z, answer: { ...answer, error: sum / (3 * size * size) } };
}
