// The latent space in a browser: arrays of a run, axes, planes, samplers, neighbors, pictures.

// What Python wrote, {info, data}: arrays by name in base64, or in bytes.
async function openBundle({ info, data }) {
  const packed = typeof data === "string" ? bundleBytes(data) : data;
  const open = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(open).arrayBuffer());
  const kinds = { f2: Uint16Array, f4: Float32Array, u1: Uint8Array };
  const stored = (name) => {
    if (!Object.hasOwn(info.arrays, name)) throw new Error(`the run's data lack ${name}`);
    const { dtype, shape, at } = info.arrays[name];
    const n = shape.reduce((a, b) => a * b, 1);
    const values = new kinds[dtype](n);
    const [to, wide] = [new Uint8Array(values.buffer), values.BYTES_PER_ELEMENT];
    for (let k = 0; k < wide; k++) // first bytes of all numbers, then second bytes ...
      for (let i = 0; i < n; i++) to[i * wide + k] = bytes[at + k * n + i];
    return values;
  };
  const names = Object.keys(info.arrays);
  return {
    info,
    names,
    has: (name) => Object.hasOwn(info.arrays, name),
    array(name) {
      const values = stored(name);
      if (values instanceof Float32Array) return values;
      return Float32Array.from(values, values instanceof Uint16Array ? bundleHalf : undefined);
    },
    // As they are stored, {rest of the name: {shape, values}}: numbers of 16 bits stay so.
    part(prefix) {
      const found = names.filter((name) => name.startsWith(prefix));
      const entry = (name) => ({ shape: info.arrays[name].shape, values: stored(name) });
      return Object.fromEntries(found.map((name) => [name.slice(prefix.length), entry(name)]));
    },
  };
}

function bundleBytes(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

// A number from its 16 bits: sign, 5 of the exponent, 10 of the fraction.
function bundleHalf(bits) {
  const [exponent, fraction] = [(bits >> 10) & 31, (bits & 1023) / 1024];
  const size = exponent ? 2 ** (exponent - 15) * (1 + fraction) : 2 ** -14 * fraction;
  return bits >> 15 ? -size : size;
}

// Principal axes, one a row, those along which the z-points vary: `rank` of `d`.
function axesOf(bundle, prefix = "") {
  const [mean, axes, sd] = ["mean", "axes", "sd"].map((name) => bundle.array(prefix + name));
  const [d, rank] = [mean.length, sd.length];
  const whiten = (z) => {
    const y = new Float64Array(rank);
    for (let i = 0; i < rank; i++) {
      let sum = 0;
      for (let k = 0; k < d; k++) sum += axes[i * d + k] * (z[k] - mean[k]);
      y[i] = sum / sd[i];
    }
    return y;
  };
  const unwhiten = (y) => {
    const z = Float64Array.from(mean);
    for (let i = 0; i < rank; i++) {
      const step = y[i] * sd[i];
      if (step) for (let k = 0; k < d; k++) z[k] += step * axes[i * d + k];
    }
    return Float32Array.from(z);
  };
  const d2 = (z) => whiten(z).reduce((sum, value) => sum + value * value, 0);
  return { d, rank, mean, sd, whiten, unwhiten, d2 };
}

// The latent vector at a place of a plane, all else as of the center; basis is (d, 2).
function liftTo({ basis, offset, center }, place) {
  const step = [...place];
  for (let k = 0; k < center.length; k++)
    for (const j of [0, 1]) step[j] -= (center[k] - offset[k]) * basis[2 * k + j];
  return Float32Array.from(center, (c, k) => c + step[0] * basis[2 * k] + step[1] * basis[2 * k + 1]);
}

// xoshiro128** (Blackman and Vigna, 2018), seeded by splitmix32; normal ones by Box and Muller.
function randomNumbers(seed) {
  let start = seed >>> 0;
  const state = Uint32Array.from({ length: 4 }, () => {
    start = (start + 0x9e3779b9) >>> 0;
    let t = Math.imul(start ^ (start >>> 16), 0x21f0aaad);
    t = Math.imul(t ^ (t >>> 15), 0x735a2d97);
    return t ^ (t >>> 15);
  });
  const turned = (x, k) => (x << k) | (x >>> (32 - k));
  const next = () => {
    const out = Math.imul(turned(Math.imul(state[1], 5), 7), 9) >>> 0;
    const shifted = state[1] << 9;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = turned(state[3], 11);
    return out / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return { next, normal };
}

// Name -> function of random numbers that draws a latent vector, in the order of Python's ladder.
function samplersOf(bundle, axes) {
  const { d, rank, mean } = axes;
  const names = ["quantiles", "range", "component_sd", "d2"];
  const [quantiles, range, sd, d2] = names.map((name) => bundle.array(name));
  const steps = quantiles.length / d;
  const each = (draw) => Float32Array.from({ length: d }, (_, k) => draw(k));
  const white = (rng) => Float64Array.from({ length: rank }, rng.normal);
  // A random direction, as far out as a z-point of the inner `share` is.
  const turned = (rng, share) => {
    const at = rng.next() * share * (d2.length - 1);
    const i = Math.floor(at);
    const radius = Math.sqrt(d2[i] + (at - i) * ((d2[i + 1] ?? d2[i]) - d2[i]));
    const y = white(rng);
    const length = Math.hypot(...y);
    return axes.unwhiten(y.map((value) => (value * radius) / length));
  };
  const own = {
    uniform: (rng) => each(() => (2 * rng.next() - 1) * bundle.info.bound),
    "standard normal": (rng) => each(rng.normal),
    "measured ranges": (rng) =>
      each((k) => range[2 * k] + rng.next() * (range[2 * k + 1] - range[2 * k])),
    "independent normal": (rng) => each((k) => mean[k] + sd[k] * rng.normal()),
    // Quantiles of the middles of bins, each as likely: none between them is made up.
    "column shuffle": (rng) => each((k) => quantiles[k * steps + Math.floor(rng.next() * steps)]),
    "multivariate normal": (rng) => axes.unwhiten(white(rng)),
    "elliptical core": (rng) => turned(rng, 0.5),
    elliptical: (rng) => turned(rng, 1),
  };
  const drawn = (name) => {
    const values = bundle.array(`drawn/${name}`); // by Python
    return (rng) => {
      const row = Math.floor((rng.next() * values.length) / d);
      return values.slice(row * d, (row + 1) * d);
    };
  };
  return Object.fromEntries(bundle.info.samplers.map((name) => [name, own[name] ?? drawn(name)]));
}

// The k pictures whose z-points are nearest: row in the store, distance, place in the sprite.
function nearestOf(bundle) {
  const { rows } = bundle.info.near;
  const cloud = bundle.array("near/z");
  const d = cloud.length / rows.length;
  return (z, k) => {
    const found = rows.map((row, at) => {
      let sum = 0;
      for (let i = 0; i < d; i++) sum += (cloud[at * d + i] - z[i]) ** 2;
      return { row, distance: Math.sqrt(sum), at };
    });
    return found.sort((a, b) => a.distance - b.distance).slice(0, k);
  };
}

// The centered square of a picture over white, RGBA (size, size), by Pillow's bicubic filter.
function squareOf({ data, width, height }, size) {
  const side = Math.min(width, height);
  const across = squareTaps(Math.floor((width - side) / 2), side, width, size);
  const down = squareTaps(Math.floor((height - side) / 2), side, height, size);
  const [top, bottom] = [down[0].first, down[size - 1].first + down[size - 1].weights.length];
  const clip = (value) => Math.min(255, Math.max(0, Math.floor(value + 0.5)));
  const line = new Uint8Array(3 * width);
  const squeezed = new Uint8Array(3 * size * (bottom - top)); // the rows that count
  const out = new Uint8ClampedArray(4 * size * size).fill(255);
  for (let y = top; y < bottom; y++) {
    for (let i = 0; i < 3 * width; i++) {
      const pixel = 4 * (y * width + Math.floor(i / 3));
      line[i] = clip(255 + ((data[pixel + (i % 3)] - 255) * data[pixel + 3]) / 255);
    }
    squareSum(across, line, 3, 3, (x, c, sum) => {
      squeezed[3 * ((y - top) * size + x) + c] = clip(sum);
    });
  }
  for (const tap of down) tap.first -= top;
  squareSum(down, squeezed, 3 * size, 3 * size, (y, i, sum) => {
    out[4 * (y * size + Math.floor(i / 3)) + (i % 3)] = clip(sum);
  });
  return out;
}

// Weigh rows of `count` numbers that begin at multiples of `step`.
function squareSum(taps, values, step, count, put) {
  taps.forEach(({ first, weights }, to) => {
    for (let i = 0; i < count; i++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k] * values[(first + k) * step + i];
      put(to, i, sum);
    }
  });
}

// What each of `size` pixels takes of `length` ones; at its edges the square looks beyond itself.
function squareTaps(start, side, length, size) {
  const scale = side / size;
  const wide = Math.max(scale, 1);
  return Array.from({ length: size }, (_, i) => {
    const center = start + (i + 0.5) * scale;
    const first = Math.max(0, Math.floor(center - 2 * wide + 0.5));
    const end = Math.min(length, Math.floor(center + 2 * wide + 0.5));
    const weights = Float64Array.from({ length: end - first }, (_, k) =>
      squareCubic(Math.abs(first + k + 0.5 - center) / wide),
    );
    const total = weights.reduce((a, b) => a + b);
    return { first, weights: weights.map((weight) => weight / total) };
  });
}

// Keys' cubic (1981) with a = -1/2, at a distance in pixels.
function squareCubic(t) {
  if (t < 1) return (1.5 * t - 2.5) * t * t + 1;
  return t < 2 ? -0.5 * (((t - 5) * t + 8) * t - 4) : 0;
}
