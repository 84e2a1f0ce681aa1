// Run nn.LSTM, nn.GRU and nn.RNN forward, with every gate, from weights that Python exported.
//
// A network is what lstm_lab.export returns. Sequences are arrays of steps, steps are arrays of
// numbers; everything is batch first. Equal to PyTorch in float32 to 1e-5: the sums here are
// longer than float32, and in another order.

const sigmoid = (value) => 1 / (1 + Math.exp(-value));
const relu = (value) => Math.max(0, value);
const zeros = (size) => new Array(size).fill(0);

/** Return numbers in half precision, two bytes each, as they are in single precision. */
function fromHalf(bytes) {
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 2 }, (_, k) => {
    const bits = view.getUint16(2 * k, true);
    const [exponent, part] = [(bits >> 10) & 31, bits & 1023];
    const size = exponent ? 2 ** (exponent - 15) * (1 + part / 1024) : 2 ** -14 * (part / 1024);
    return bits >> 15 ? -size : size;
  });
}

/** Return the weights of an export by name, each as {rows, columns, values}. */
export function weightsOf({ shapes, values, half }) {
  const bytes = Uint8Array.from(atob(values), (letter) => letter.charCodeAt(0));
  const numbers = half ? fromHalf(bytes) : new Float32Array(bytes.buffer);
  let begin = 0;
  const weights = {};
  for (const [name, rows, columns] of shapes) {
    weights[name] = { rows, columns, values: numbers.subarray(begin, begin + rows * columns) };
    begin += rows * columns;
  }
  return weights;
}

/** Return weight · vector + bias; the bias may be missing. */
export function affine({ rows, columns, values }, vector, bias) {
  const result = new Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = bias ? bias.values[row] : 0;
    for (let column = 0; column < columns; column++) {
      sum += values[row * columns + column] * vector[column];
    }
    result[row] = sum;
  }
  return result;
}

/** Return a row of an embedding. */
export const embedded = ({ columns, values }, number) =>
  Array.from(values.subarray(number * columns, (number + 1) * columns));

/** Return numbers as probabilities. */
export function softmax(values) {
  const largest = Math.max(...values);
  const powers = values.map((value) => Math.exp(value - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((value) => value / sum);
}

/** Cut what all gates were given into one array for each gate. */
const parts = (values, count) => {
  const size = values.length / count;
  return Array.from({ length: count }, (_, k) => values.slice(k * size, (k + 1) * size));
};

/** Return what the gates of a cell are given, where input and state are simply added. */
function sums(cell, x, h) {
  const fromState = affine(cell.weight_hh, h, cell.bias_hh);
  return affine(cell.weight_ih, x, cell.bias_ih).map((value, k) => value + fromState[k]);
}

/** Advance one cell by one step: {h, c?} and the gates, from the input and {h, c?}. */
const STEPS = {
  LSTM(cell, x, state) {
    const [i, f, g, o] = parts(sums(cell, x, state.h), 4);
    const gates = { i: i.map(sigmoid), f: f.map(sigmoid), g: g.map(Math.tanh), o: o.map(sigmoid) };
    const c = state.c.map((value, k) => gates.f[k] * value + gates.i[k] * gates.g[k]);
    const wide = c.map((value, k) => gates.o[k] * Math.tanh(value));
    return { ...gates, c, h: cell.weight_hr ? affine(cell.weight_hr, wide) : wide };
  },
  GRU(cell, x, state) {
    const fromInput = parts(affine(cell.weight_ih, x, cell.bias_ih), 3);
    const fromState = parts(affine(cell.weight_hh, state.h, cell.bias_hh), 3);
    const [r, z] = [0, 1].map((k) => fromInput[k].map((v, u) => sigmoid(v + fromState[k][u])));
    const n = fromInput[2].map((value, u) => Math.tanh(value + r[u] * fromState[2][u]));
    return { r, z, n, h: n.map((value, u) => (1 - z[u]) * value + z[u] * state.h[u]) };
  },
  RNN(cell, x, state) {
    const squash = cell.nonlinearity === "relu" ? relu : Math.tanh;
    return { h: sums(cell, x, state.h).map(squash) };
  },
};

/** Return the weights of one layer and direction under their short names. */
function cellOf(network, weights, layer, backward) {
  const suffix = `_l${layer}${backward ? "_reverse" : ""}`;
  const cell = { nonlinearity: network.nonlinearity };
  for (const name of ["weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"]) {
    cell[name] = weights[(network.prefix ?? "") + name + suffix];
  }
  return cell;
}

/** Return what one direction of one layer computes on one sequence, a record for each step. */
function pass(step, cell, sequence, state, backward) {
  const records = new Array(sequence.length);
  for (let k = 0; k < sequence.length; k++) {
    const t = backward ? sequence.length - 1 - k : k;
    state = records[t] = step(cell, sequence[t], state);
  }
  return { records, last: state };
}

/**
 * Run a network on a batch of sequences.
 *
 * network: as a part of a larger model it has `decoded`, all weights, and `prefix`, its own name.
 * lengths: valid steps of each sequence, as packing counts them; steps behind are 0 in the output.
 * hx: {h, c} with h[layer * directions + direction][sequence][unit]; left out, they are 0.
 * Returns output[sequence][step], h_n and c_n as PyTorch orders them, and
 * trace[layer][direction][sequence][step], a record of all gates and states of that step.
 */
export function run(network, batch, { lengths = null, hx = null } = {}) {
  const weights = network.decoded ??= weightsOf(network);
  const directions = network.bidirectional ? 2 : 1;
  const width = network.proj_size || network.hidden_size;
  const step = STEPS[network.kind];
  let below = batch.map((sequence, k) => sequence.slice(0, lengths?.[k]));
  const [h_n, c_n, trace] = [[], [], []];
  for (let layer = 0; layer < network.num_layers; layer++) {
    const ways = [];
    for (let direction = 0; direction < directions; direction++) {
      const row = layer * directions + direction;
      const cell = cellOf(network, weights, layer, direction === 1);
      const passes = below.map((sequence, k) => {
        const state = {
          h: hx?.h[row][k] ?? zeros(width),
          c: hx?.c?.[row][k] ?? zeros(network.hidden_size),
        };
        return pass(step, cell, sequence, state, direction === 1);
      });
      ways.push(passes.map(({ records }) => records));
      h_n.push(passes.map(({ last }) => last.h));
      c_n.push(passes.map(({ last }) => last.c));
    }
    trace.push(ways);
    below = below.map((sequence, k) => sequence.map((_, t) => ways.flatMap((way) => way[k][t].h)));
  }
  const steps = lengths ? Math.max(...lengths) : batch[0].length;
  const output = below.map((sequence) =>
    Array.from({ length: steps }, (_, t) => sequence[t] ?? zeros(directions * width))
  );
  return { output, h_n, c_n: network.kind === "LSTM" ? c_n : null, trace };
}
