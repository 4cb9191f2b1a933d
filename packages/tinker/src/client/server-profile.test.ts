import { describe, expect, it } from "vitest";
import { completionDatum } from "../datum.ts";
import { armatureProfile, refuseWrong, SKYRL_JAX } from "./server-profile.ts";

const plain = [completionDatum([1], [2, 3], { weights: [1, 1] })];
const signed = [completionDatum([1], [2, 3], { weights: [1, -1] })];
const loss = { name: "cross_entropy" } as const;

describe("refuseWrong", () => {
  it("lets through what SkyRL computes as the protocol says", () => {
    expect(() => refuseWrong(SKYRL_JAX, plain, loss, 1)).not.toThrow();
  });

  it.each([
    ["losses of one's own, which need negative weights", signed, loss, 1, "negative weights"],
    ["calls of several requests, which it averages apart", plain, loss, 2, "averages inside a request"],
    ["a KL term", plain, { ...loss, config: { kl_beta: 0.1 } }, 1, "takes no kl_beta"],
  ] as const)("refuses SkyRL %s", (_, data, called, requests, message) => {
    expect(() => refuseWrong(SKYRL_JAX, data, called, requests)).toThrow(
      new RegExp(`^skyrl-jax would compute this wrongly: .*${message}`),
    );
  });

  it("refuses our own server none of them", () => {
    const own = armatureProfile(["cross_entropy"], true);
    for (const data of [plain, signed])
      expect(() => refuseWrong(own, data, { ...loss, config: { kl_beta: 0.1 } }, 2)).not.toThrow();
  });
});
