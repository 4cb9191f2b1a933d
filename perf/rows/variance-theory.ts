import type { Row } from "../row.ts";

const TOYS = 2000;

export const row: Row = {
  name: "variance-theory",
  what: "propositions 5.1 and 5.2 and theorem 5.5 of Rubric-ARM by exact enumeration on 2,000 random toys",
  bar: "no formula differs from enumeration by more than 1e-9 of its size; the theorem holds at every toy at which its assumption does, and both kinds of toys occur",
  async measure() {
    const { studyVariance } = await import("../../packages/armature/src/study/variance-study.ts");
    const { identities, assumption, ...detail } = studyVariance({ seed: 0, toys: TOYS });
    return {
      value: identities.violations,
      unit: "violations",
      holds:
        identities.violations === 0 &&
        assumption.holds > 0 &&
        assumption.fails > 0 &&
        assumption.theoremWhereItHolds === assumption.holds,
      detail: { identities, assumption, ...detail },
    };
  },
};
