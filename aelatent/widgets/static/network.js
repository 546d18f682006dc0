// The decoder and the encoder of a run, computed in the page by network.wasm (source: network.c).
// This file lays out the memory, puts the weights there and calls the loops layer by layer. It is a
// fragment: functions only, which are put together with others into one script or module.

// Resolves to { size, zDim, decode, decodeFloats, encode }.
// wasm: Uint8Array. config: the settings "model" of a run.json. weights: { decoder, encoder }, each
// null or { "LAYER/kernel": { shape, values }, ... } as in the run's files .npz, with values as
// Float32Array or, as float16 bits, Uint16Array.
async function networkOf(wasm, config, weights) {
  networkCheck(config);
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { instance } = await WebAssembly.instantiate(wasm, { env: { memory } });
  const place = networkPlace(memory, instance.exports);
  const { decoder, encoder } = weights;
  const lacking = (part) => () => {
    throw new Error(`The network was made without the weights of its ${part}.`);
  };
  return {
    size: config.size,
    zDim: config.z_dim,
    ...(decoder
      ? networkDecoder(instance.exports, place, config, decoder)
      : { decode: lacking("decoder"), decodeFloats: lacking("decoder") }),
    encode: encoder ? networkEncoder(instance.exports, place, config, encoder) : lacking("encoder"),
  };
}

// Throws an Error for a model that the loops cannot compute.
function networkCheck({ size, filters, kernel, activation, z_dim, batch_norm }) {
  const refuse = (why) => {
    throw new Error(`The page cannot compute this model: ${why}.`);
  };
  if (kernel !== 3) refuse(`its kernel has side ${kernel}, and the page knows side 3 only`);
  if (!["leaky_relu", "relu"].includes(activation))
    refuse(`its activation is ${activation}, and the page knows leaky_relu and relu only`);
  if (batch_norm) refuse("it has batch normalization, which the page does not know");
  const counts = [size, z_dim, ...filters];
  if (!filters.length || !counts.every((n) => Number.isInteger(n) && n > 0))
    refuse(`size, z_dim and filters must be whole numbers above 0, got ${counts}`);
  if (size % 2 ** filters.length)
    refuse(`each layer halves the side, and ${size} cannot be halved ${filters.length} times`);
}

function networkSlope({ activation }) {
  return activation === "relu" ? 0 : 0.2; // LEAKY_SLOPE of aelatent/model/autoencoder.py
}

// n channels are filled up with zeros to this many: network.c takes them by four.
function networkWide(n) {
  return 4 * Math.ceil(n / 4);
}

// Where entry i stands when every run of `channels` entries is filled up like that.
function networkSpread(i, channels) {
  return Math.floor(i / channels) * networkWide(channels) + (i % channels);
}

// What reserves places in the memory. A place is an address in bytes; it holds zeros at first, and
// is never given back. A view of the memory holds until the next place is taken.
function networkPlace(memory, kernel) {
  let top = kernel.__heap_base.value;
  const take = (floats) => {
    const at = 16 * Math.ceil(top / 16);
    top = at + 4 * floats;
    const pages = Math.ceil((top - memory.buffer.byteLength) / 65536);
    if (pages > 0) memory.grow(pages);
    return at;
  };
  const floats = (at, n) => new Float32Array(memory.buffer, at, n);
  const bytes = (at, n) => new Uint8ClampedArray(memory.buffer, at, n);

  // A picture with a border of zeros all around, one pixel wide: the zero to the right of a row is
  // the one to the left of the next. `at` is its first pixel; a row has `line` floats.
  const bordered = (side, channels) => {
    const wide = networkWide(channels);
    const line = (side + 1) * wide;
    return { at: take((side + 2) * line + wide) + 4 * (line + wide), line };
  };
  const borderless = (side, channels) => {
    const line = side * networkWide(channels);
    return { at: take(side * line), line };
  };

  const narrow = take(2048); // 4096 of float16
  const widened = take(4096);
  // The values of an array of the run as float32; throws where the array is not as it should be.
  const read = (part, name, shape) => {
    const array = part[name];
    if (!array) throw new Error(`The weights lack the array ${name}.`);
    const { values } = array;
    const count = shape.reduce((product, n) => product * n);
    if (String(array.shape) !== String(shape) || values.length !== count)
      throw new Error(
        `The array ${name} must have shape (${shape}) and ${count} values; ` +
          `it has shape (${array.shape}) and ${values.length}.`,
      );
    if (values instanceof Float32Array) return values;
    if (!(values instanceof Uint16Array))
      throw new Error(`The array ${name} must be a Float32Array, or float16 in a Uint16Array.`);
    const wide = new Float32Array(count);
    for (let i = 0; i < count; i += 4096) {
      const some = values.subarray(i, i + 4096);
      new Uint16Array(memory.buffer, narrow, some.length).set(some);
      kernel.widen(narrow, widened, some.length);
      wide.set(floats(widened, some.length), i);
    }
    return wide;
  };

  // The weights of a layer as network.c reads them: a matrix of (rows, columns), in blocks of eight
  // columns. The array of a dense layer is that matrix; that of a convolution, too, when the first
  // three of (3, 3, in, out) are taken together. A transposed one has (3, 3, out, in): `turned`.
  // A row index counts pixels of `inner` channels, a column index pixels of `outer` channels.
  const layer = (part, name, shape, inner, outer, turned = false) => {
    const m = shape.at(turned ? -2 : -1);
    const from = read(part, `${name}/kernel`, shape);
    const bias = read(part, `${name}/bias`, [m]);
    const k = from.length / m;
    const [rows, columns] = [networkSpread(k, inner), networkSpread(m, outer)];
    const [weightsAt, biasAt] = [take(rows * columns), take(columns)];
    const [weights, biases] = [floats(weightsAt, rows * columns), floats(biasAt, columns)];
    const [begin, width] = [new Int32Array(m), new Int32Array(m)];
    for (let j = 0; j < m; j++) {
      const column = networkSpread(j, outer);
      const first = 8 * Math.floor(column / 8); // of the block
      width[j] = Math.min(8, columns - first);
      begin[j] = first * rows + column - first;
      biases[column] = bias[j];
    }
    for (let i = 0; i < k; i++) {
      const row = networkSpread(i, inner);
      const start = turned ? Math.floor(i / inner) * m * inner + (i % inner) : i * m;
      const step = turned ? inner : 1;
      for (let j = 0; j < m; j++) weights[begin[j] + row * width[j]] = from[start + step * j];
    }
    return { weights: weightsAt, bias: biasAt, rows, columns };
  };
  return { take, floats, bytes, bordered, borderless, layer };
}

function networkDecoder(kernel, place, { size, filters, activation, z_dim: zDim }, part) {
  const BATCH = 8; // faces that share a reading of the first layer's weights
  const slope = networkSlope({ activation });
  const last = filters.at(-1);
  const smallest = size / 2 ** filters.length;
  const unfold = place.layer(part, "unfold", [zDim, smallest ** 2 * last], zDim, last);
  const z = place.take(BATCH * unfold.rows);
  const unfolded = place.take(BATCH * unfold.columns);
  const output = place.borderless(size, 3);
  const pixels = place.take(size ** 2);
  const layers = [...filters.slice(0, -1).reverse(), 3].map((out, i, outs) => {
    const [into, side] = [i ? outs[i - 1] : last, smallest * 2 ** i];
    const loaded = place.layer(part, `deconv_${i + 1}`, [3, 3, out, into], into, out, true);
    return { ...loaded, side, into: networkWide(into), input: place.bordered(side, into) };
  });

  const decodeOne = (at) => {
    const { side, into, input } = layers[0];
    for (let y = 0; y < side; y++) {
      const row = place.floats(at + 4 * y * side * into, side * into);
      place.floats(input.at + 4 * y * input.line, side * into).set(row);
    }
    layers.forEach(({ input: x, weights, bias, side, into, columns }, i) => {
      const out = layers[i + 1]?.input ?? output;
      const s = layers[i + 1] ? slope : 1; // the last is linear, its sigmoid is taken by paint
      kernel.unconvolve(x.at, x.line, weights, bias, out.at, out.line, side, into, columns, s);
    });
    kernel.paint(output.at, pixels, size ** 2);
  };

  // Calls `use` with the number of each face, when it has been decoded.
  const each = (vectors, n, use) => {
    if (vectors.length !== n * zDim)
      throw new Error(`${n} latent vectors have ${n * zDim} components, got ${vectors.length}.`);
    for (let start = 0; start < n; start += BATCH) {
      const count = Math.min(BATCH, n - start);
      for (let i = 0; i < count; i++) {
        const vector = vectors.subarray((start + i) * zDim, (start + i + 1) * zDim);
        place.floats(z + 4 * i * unfold.rows, zDim).set(vector);
      }
      const { weights, bias, rows, columns } = unfold;
      kernel.dense(z, weights, bias, unfolded, count, rows, columns, slope);
      for (let i = 0; i < count; i++) {
        decodeOne(unfolded + 4 * i * columns);
        use(start + i);
      }
    }
  };
  const count = 4 * size ** 2; // numbers of a face
  return {
    // The bytes of n faces, RGBA, as ImageData takes them: n * size * size * 4.
    decode(vectors, n = vectors.length / zDim) {
      const faces = new Uint8ClampedArray(n * count);
      each(vectors, n, (i) => faces.set(place.bytes(pixels, count), i * count));
      return faces;
    },
    // The same as float32 in 0..1; the fourth number of a pixel means nothing.
    decodeFloats(vectors, n = vectors.length / zDim) {
      const faces = new Float32Array(n * count);
      each(vectors, n, (i) => faces.set(place.floats(output.at, count), i * count));
      return faces;
    },
  };
}

// Returns the function from the bytes of a picture, RGBA, to its z-point.
function networkEncoder(kernel, place, { size, filters, activation, z_dim: zDim }, part) {
  const slope = networkSlope({ activation });
  const last = filters.at(-1);
  const smallest = size / 2 ** filters.length;
  const layers = filters.map((out, i) => {
    const [into, side] = [i ? filters[i - 1] : 3, size / 2 ** (i + 1)];
    const loaded = place.layer(part, `conv_${i + 1}`, [3, 3, into, out], into, out);
    return { ...loaded, side, into: networkWide(into), input: place.bordered(2 * side, into) };
  });
  const flat = place.borderless(smallest, last);
  const final = place.layer(part, "z", [smallest ** 2 * last, zDim], last, zDim);
  const z = place.take(final.columns);

  return (rgba) => {
    if (rgba.length !== 4 * size ** 2)
      throw new Error(`A picture of side ${size} has ${4 * size ** 2} bytes, got ${rgba.length}.`);
    const { input } = layers[0];
    for (let y = 0; y < size; y++) {
      const row = place.floats(input.at + 4 * y * input.line, 4 * size);
      // Alpha comes along as the fourth channel; its weights are zero.
      for (let i = 0; i < 4 * size; i++) row[i] = rgba[4 * size * y + i] / 255;
    }
    layers.forEach(({ input: x, weights, bias, side, into, columns }, i) => {
      const out = layers[i + 1]?.input ?? flat;
      kernel.convolve(x.at, x.line, weights, bias, out.at, out.line, side, into, columns, slope);
    });
    const { weights, bias, rows, columns } = final;
    kernel.dense(flat.at, weights, bias, z, 1, rows, columns, 1);
    return place.floats(z, zDim).slice();
  };
}
