// The arithmetic of the decoder and the encoder, for the page that a reader has open: what Keras
// does layer by layer in Python, in loops that one can read. network.js lays out the memory, in
// which all arrays are, and calls the six functions marked EXPORT. `make kernel` compiles this file
// to network.wasm. Nothing is linked with it, not even C's own library.
//
// A picture is stored row by row, pixel by pixel, and in a pixel channel by channel: (side, side,
// channels), as in Keras. All numbers are float32. The processor works on four of them at once, so
// the channels are filled up with zeros to a multiple of four.
#include <wasm_simd128.h>

#define EXPORT(name) __attribute__((export_name(#name))) void name
#define INLINE static inline __attribute__((always_inline))

typedef float four __attribute__((vector_size(16), may_alias));  // + - * work on all four at once

// ---- The innermost loops ------------------------------------------------------------------------

// A convolution is a sum over taps. A tap is one place of the 3 x 3 kernel: it takes the pixel of
// the input that lies under it, a vector of `cin` numbers, times a matrix of weights. A dense layer
// is the same with one tap and the whole input as its only pixel.
struct taps {
  int count;
  const float *pixel[9];    // tap t of the first pixel of the row is here: cin numbers
  const float *weights[9];  // and its weights here: (cin, 4 * quads)
};

// One row of the output, for all its pixels; of each only 4 * quads output channels.
struct row {
  float *out;  // the first pixel's first channel
  int pixels;
  int next_in, next_out;  // how far it is from one pixel to the next, in floats
};

// Computes `pixels` neighbors at once, from number `first` on. Their sums stay in registers of the
// processor until they are complete, and a weight that was fetched serves all of them. Called with
// constants for `pixels` and `quads`, so that the compiler writes out the short loops.
INLINE void block(const struct taps *taps, const struct row *row, const float *bias, int cin,
                  float slope, int first, const int pixels, const int quads) {
  four sum[pixels][quads];
  for (int p = 0; p < pixels; p++)
    for (int q = 0; q < quads; q++) sum[p][q] = ((const four *)bias)[q];

  for (int t = 0; t < taps->count; t++) {
    const float *in = taps->pixel[t] + first * row->next_in;
    const four *weights = (const four *)taps->weights[t];
    for (int c = 0; c < cin; c++, weights += quads)
      for (int p = 0; p < pixels; p++)
        for (int q = 0; q < quads; q++) sum[p][q] += in[p * row->next_in + c] * weights[q];
  }
  // The activation: x where x > 0, else slope * x. A slope of 0 is ReLU, of 1 is none at all.
  for (int p = 0; p < pixels; p++)
    for (int q = 0; q < quads; q++)
      ((four *)(row->out + (first + p) * row->next_out))[q] =
          wasm_f32x4_pmax(sum[p][q] * slope, sum[p][q]);
}

// All pixels of a row: six at a time (12 sums, of 16 registers), then what is left.
static void whole_row(const struct taps *taps, const struct row *row, const float *bias, int cin,
                      float slope, int channels) {
  int p = 0;
  if (channels == 8) {
    for (; p + 6 <= row->pixels; p += 6) block(taps, row, bias, cin, slope, p, 6, 2);
    for (; p + 4 <= row->pixels; p += 4) block(taps, row, bias, cin, slope, p, 4, 2);
    for (; p + 2 <= row->pixels; p += 2) block(taps, row, bias, cin, slope, p, 2, 2);
    for (; p < row->pixels; p++) block(taps, row, bias, cin, slope, p, 1, 2);
  } else {  // the last four channels, where there are no eight more
    for (; p + 12 <= row->pixels; p += 12) block(taps, row, bias, cin, slope, p, 12, 1);
    for (; p + 4 <= row->pixels; p += 4) block(taps, row, bias, cin, slope, p, 4, 1);
    for (; p < row->pixels; p++) block(taps, row, bias, cin, slope, p, 1, 1);
  }
}

// ---- The layers ---------------------------------------------------------------------------------

// The output channels are computed in blocks of eight (the last may have four). The weights of a
// block lie together, in the order in which they are read: (tap, input channel, 8). So they stay in
// the processor's nearest cache while all pixels of the picture pass by.
INLINE int block_at(int first, int channels) { return channels - first < 8 ? 4 : 8; }

// x (n, k) -> out (n, m): each of n inputs times a matrix of weights, plus bias.
EXPORT(dense)(const float *x, const float *w, const float *bias, float *out, int n, int k, int m,
              float slope) {
  for (int first = 0; first < m; first += 8) {
    int channels = block_at(first, m);
    struct taps taps;
    taps.count = 1;
    taps.weights[0] = w;
    for (int i = 0; i < n; i += 4) {  // by four: eight faces would make a six and a slower two
      taps.pixel[0] = x + i * k;
      struct row row = {out + i * m + first, n - i < 4 ? n - i : 4, k, m};
      whole_row(&taps, &row, bias + first, k, slope, channels);
    }
    w += k * channels;
  }
}

// x (2 side, 2 side, cin) -> out (side, side, cout): the kernel is put down at every second pixel,
// its upper left corner on the pixel. Below and to the right it reaches one pixel beyond the
// picture; there the memory holds zeros. A row of x begins `line` floats after the one above.
EXPORT(convolve)(const float *x, int line, const float *w, const float *bias, float *out,
                 int out_line, int side, int cin, int cout, float slope) {
  for (int first = 0; first < cout; first += 8) {
    int channels = block_at(first, cout);
    for (int y = 0; y < side; y++) {
      struct taps taps;
      taps.count = 9;
      for (int t = 0; t < 9; t++) {
        taps.pixel[t] = x + (2 * y + t / 3) * line + t % 3 * cin;
        taps.weights[t] = w + t * cin * channels;
      }
      struct row row = {out + y * out_line + first, side, 2 * cin, cout};
      whole_row(&taps, &row, bias + first, cin, slope, channels);
    }
    w += 9 * cin * channels;
  }
}

// x (side, side, cin) -> out (2 side, 2 side, cout), the way back: each pixel m of x is stamped
// through the kernel onto the output pixels 2m, 2m + 1 and 2m + 2, where stamps overlap and add up.
// Seen from the output: an even pixel 2m gets tap 0 of pixel m and tap 2 of pixel m - 1, an odd
// one 2m + 1 only tap 1 of pixel m; the same down the picture and across. So a row of the output
// is two rows, of the even and of the odd pixels, each with taps of its own. Above and to the left
// of the picture, where pixel m - 1 is none, the memory holds zeros.
EXPORT(unconvolve)(const float *x, int line, const float *w, const float *bias, float *out,
                   int out_line, int side, int cin, int cout, float slope) {
  for (int first = 0; first < cout; first += 8) {
    int channels = block_at(first, cout);
    for (int y = 0; y < 2 * side; y++)
      for (int odd = 0; odd < 2; odd++) {
        struct taps taps;
        taps.count = 0;
        for (int ky = y % 2; ky < 3; ky += 2)  // 0 and 2 in an even row, 1 in an odd one
          for (int kx = odd; kx < 3; kx += 2) {
            taps.pixel[taps.count] = x + (y / 2 - ky / 2) * line - kx / 2 * cin;
            taps.weights[taps.count++] = w + (3 * ky + kx) * cin * channels;
          }
        struct row row = {out + y * out_line + odd * cout + first, side, cin, 2 * cout};
        whole_row(&taps, &row, bias + first, cin, slope, channels);
      }
    w += 9 * cin * channels;
  }
}

// ---- Numbers in and out -------------------------------------------------------------------------

// float16, as the weights are kept, to float32: sign, exponent and fraction move to their places,
// and the exponent, which counts from another zero, is set right by a multiplication.
EXPORT(widen)(const unsigned short *halves, float *out, int n) {
  for (int i = 0; i < n; i++) {
    union { unsigned bits; float value; } x = {(halves[i] & 0x7fffu) << 13};
    x.value *= 0x1p112f;
    x.bits |= (halves[i] & 0x8000u) << 16;
    out[i] = x.value;
  }
}

// 1 / (1 + e^-x). With n the whole number next to -x / ln 2, e^-x is 2^n e^r with |r| < 0.35, where
// seven terms of the series 1 + r + r^2/2 + ... are exact to 1e-7; n is put into the exponent.
INLINE four sigmoid(four x) {
  four minus = wasm_f32x4_max(wasm_f32x4_min(-x, wasm_f32x4_splat(87)), wasm_f32x4_splat(-87));
  four n = wasm_f32x4_nearest(minus * 1.44269504f), r = minus - n * 0.693147181f;
  four series = wasm_f32x4_splat(1);
  for (int term = 6; term > 0; term--) series = 1.0f + r * (1.0f / term) * series;
  four power = wasm_i32x4_shl(wasm_i32x4_trunc_sat_f32x4(n + 127.0f), 23);
  return 1.0f / (1.0f + power * series);
}

// n pixels of four floats (red, green, blue and one of no meaning) to their sigmoids, in place, and
// to bytes: red, green, blue and 255, as a canvas takes them.
EXPORT(paint)(four *pixels, unsigned *bytes, int n) {
  for (int i = 0; i < n; i++) {
    pixels[i] = sigmoid(pixels[i]);
    v128_t level = wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_nearest(pixels[i] * 255.0f));
    level = wasm_i16x8_narrow_i32x4(level, level);
    level = wasm_u8x16_narrow_i16x8(level, level);
    bytes[i] = wasm_i32x4_extract_lane(level, 0) | 0xff000000u;
  }
}
