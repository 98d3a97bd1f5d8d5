/**
 * The predictor: 10,000 candles, retrained every 60 on the last 1,000, beside the same libraries used plainly on the
 * same features. Then, where the market data is beside the checkout, how often signals came right by confidence.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { bucketsOf, HORIZON_CANDLES } from '../engine/dist/predict/index.js';
import { FEATURE_COUNT, writeFeatures } from '../engine/dist/predict/features/features.js';
import { createSymbolModel } from '../engine/dist/predict/model/symbol-model.js';
import { median, timed } from './measure.mjs';

const require = createRequire(new URL('../engine/package.json', import.meta.url));
const KNN = require('ml-knn');
const { MultivariateLinearRegression } = require('ml-regression');
const { kmeans } = await import(require.resolve('ml-kmeans'));

const COSTS = 0.002;
const CANDLES = 10_000;
const FASTER_MIN = 2;
const MINUTES = { '1h': 60, '5m': 5, '1m': 1 };

function syntheticCandles() {
  let state = 1;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  let close = 20_000;
  return Array.from({ length: CANDLES }, () => {
    const open = close;
    close *= 1 + 0.004 * (random() + random() - 1);
    const high = Math.max(open, close) * 1.0005;
    return { high, low: Math.min(open, close) * 0.9995, close, volume: 1 + random(), follows: true };
  });
}

function ours(candles) {
  const model = createSymbolModel({ horizon: 24, costs: COSTS });
  candles.forEach((candle, i) => model.take(candle, i));
}

function plainly(candles) {
  const column = (name) => Float64Array.from(candles, (candle) => candle[name]);
  const close = column('close');
  const step = close.map((price, i) => (i === 0 ? 0 : Math.log(price / close[i - 1])));
  const columns = { high: column('high'), low: column('low'), close, volume: column('volume'), step };
  const rows = [];
  let models = null;
  for (let i = 0; i < candles.length; i++) {
    const row = new Float64Array(FEATURE_COUNT);
    if (i >= 60) writeFeatures(columns, i, { rows: row, at: 0 });
    rows.push([...row]);
    if (i % 60 === 0 && i >= 1_100) {
      const x = rows.slice(i - 1_024, i - 24);
      const y = x.map((_, k) => close[i - 1_000 + k] / close[i - 1_024 + k] - 1);
      models = {
        regression: new MultivariateLinearRegression(
          x,
          y.map((value) => [value]),
        ),
        neighbours: new KNN(
          x,
          y.map((value) => Number(value > 0)),
          { k: 5 },
        ),
        regimes: kmeans(x, 3, { seed: 1 }),
      };
    }
    if (!models) continue;
    models.regression.predict(rows[i]);
    models.neighbours.predict(rows[i]);
    models.regimes.nearest([rows[i]]);
  }
}

function judge(file, interval) {
  const lengthMs = MINUTES[interval] * 60_000;
  const lines = gunzipSync(readFileSync(file)).toString().trim().split('\n').slice(1, 30_001);
  const rows = lines.map((line) => line.split(',').map(Number));
  const horizon = HORIZON_CANDLES[interval];
  const model = createSymbolModel({ horizon, costs: COSTS });
  let before = 0;
  const predictions = rows.map(([time, , high, low, close, volume]) => {
    const follows = before + lengthMs === time;
    before = time;
    return model.take({ high, low, close, volume, follows }, Math.floor(time / lengthMs) + 1);
  });
  const closes = rows.map((row) => row[4]);
  return predictions.slice(2_000, -horizon).flatMap((prediction, k) => {
    const i = k + 2_000;
    return prediction ? [{ ...prediction, price: closes[i], closes: closes.slice(i + 1, i + 1 + horizon) }] : [];
  });
}

const candles = syntheticCandles();
const oursMs = median(3, () => timed(() => ours(candles)));
const plainMs = timed(() => plainly(candles));
const ratio = plainMs / oursMs;
console.log(
  `${CANDLES} candles: ours ${oursMs.toFixed(0)} ms, libraries used plainly ${plainMs.toFixed(0)} ms, ${ratio.toFixed(1)} times`,
);

const data = fileURLToPath(new URL('../../shared/data/', import.meta.url));
const files = [
  ['btcusdt-1h-201708-202408.csv.gz', '1h'],
  ['btcusdt-5m-202401-202408.csv.gz', '5m'],
  ['ethusdt-5m-202401-202408.csv.gz', '5m'],
  ['solusdt-5m-202401-202408.csv.gz', '5m'],
  ['adausdt-5m-202401-202408.csv.gz', '5m'],
];
if (existsSync(data)) {
  const judged = files.flatMap(([file, interval]) => judge(data + file, interval));
  console.log('action confidence signals claimed right ended-right mean-return');
  for (const bucket of bucketsOf(judged, COSTS)) {
    const { action, from, to, signals, meanConfidence, hitRate, endedRight, meanReturn } = bucket;
    const shares = [meanConfidence, hitRate, endedRight].map((share) => share.toFixed(3)).join(' ');
    console.log(
      `${action} ${from.toFixed(2)}-${to.toFixed(2)} ${signals} ${shares} ${(1e4 * meanReturn).toFixed(0)} bp`,
    );
  }
} else {
  console.log(`no market data in ${data}: hit rates not shown`);
}
if (ratio < FASTER_MIN) {
  console.error(
    `expected at least ${FASTER_MIN} times as fast as the libraries used plainly, found ${ratio.toFixed(2)}`,
  );
  process.exit(1);
}
