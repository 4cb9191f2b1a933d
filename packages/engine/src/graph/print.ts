import { reachable } from "./reach.ts";
import type { Tensor } from "./tensor.ts";

/**
 * The graph as text, one node a line, numbered from 0 in order of computation (creation ids do not appear, so the text
 * is stable): `%4 = matmul(%0, %1) transB=true alpha=0.5 [2,3]`.
 */
export function print(outputs: Readonly<Record<string, Tensor>>): string {
  const nodes = reachable(Object.values(outputs));
  const label = new Map(nodes.map((node, index) => [node, `%${index}`]));
  const lines = nodes.map((node) => {
    const { kind, ...parameters } = node.op;
    const words = Object.entries(parameters)
      .filter(([key, value]) => key !== "dtype" && value !== false && !(key === "alpha" && value === 1))
      .map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
    const inputs =
      node.inputs.length > 0 ? `(${node.inputs.map((input) => label.get(input)).join(", ")})` : "";
    const type = node.dtype === "float32" ? "" : node.dtype;
    return `${label.get(node)} = ${kind}${inputs}${words.join("")} ${type}[${node.shape}]`;
  });
  return [...lines, ...Object.entries(outputs).map(([name, node]) => `${name}: ${label.get(node)}`)].join(
    "\n",
  );
}
