import type { Estimate, NumberFormat } from "./report.ts";

/** A number as a reader wants it: 86.2 %, 0.0213, 1.2e-6; "n/a" for what could not be measured. */
export function numberText(value: number, format: NumberFormat): string {
  if (!Number.isFinite(value)) return "n/a";
  if (format === "percent") return `${(100 * value).toFixed(1)} %`;
  return plainNumber(value, 3);
}

/** Significant digits without trailing zeros, in powers of ten where plain digits would be mostly zeros. */
export function plainNumber(value: number, digits: number): string {
  const rounded = Number(value.toPrecision(digits));
  return rounded !== 0 && Math.abs(rounded) < 1e-3 ? rounded.toExponential() : String(rounded);
}

/** A value with its interval: 86.2 % (84.1 to 88.0). */
export function estimateText({ value, low, high }: Estimate, format: NumberFormat): string {
  const interval =
    low === undefined || high === undefined ? "" : ` (${bare(low, format)} to ${bare(high, format)})`;
  return `${numberText(value, format)}${interval}`;
}

/** A difference with its sign, in points where the values are shares. */
export function changeText({ value, low, high }: Estimate, format: NumberFormat): string {
  const unit = format === "percent" ? " points" : "";
  const interval =
    low === undefined || high === undefined ? "" : ` (${signed(low, format)} to ${signed(high, format)})`;
  return `${signed(value, format)}${unit}${interval}`;
}

const bare = (value: number, format: NumberFormat): string => numberText(value, format).replace(" %", "");

const signed = (value: number, format: NumberFormat): string => {
  const text = bare(Math.abs(value), format);
  return Number.isFinite(value) ? `${value < 0 ? "−" : "+"}${text}` : text;
};
