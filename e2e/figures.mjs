// One line a figure, with its target where the design sets one; a missed target ends the program with exit code 1.

let missed = 0;

/** Prints a figure; `target` is the most it may be, or the least when `atLeast`. */
export function figure(name, value, unit, target, atLeast = false) {
  const plain = value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString("en-US");
  const text = `${plain} ${unit}`;
  let verdict = "";
  if (target !== undefined) {
    const met = atLeast ? value >= target : value <= target;
    verdict = met ? `  (meta: ${target} ${unit})` : `  FUERA de la meta: ${target} ${unit}`;
    if (!met) missed += 1;
  }
  console.log(`  ${name.padEnd(58)} ${text.padStart(10)}${verdict}`);
}

/** One line for all the times of a kind, in ms: how many, median, p95 and p99, of which the last has the target. */
export function spread(name, times, target) {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((q) => quantile(times, q));
  const met = target === undefined || p99 <= target;
  if (!met) missed += 1;
  const numbers = [times.length, p50, p95, p99].map((value) => Math.round(value).toLocaleString("en-US").padStart(8)).join("");
  console.log(`  ${name.padEnd(44)}${numbers}${met ? "" : `  FUERA de la meta: ${target} ms`}`);
}

export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)];
}

/** Says how many targets were missed. */
export function finish() {
  if (missed === 0) return;
  console.error(`${missed} fuera de su meta`);
  process.exitCode = 1;
}
