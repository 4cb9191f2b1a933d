import fc from "fast-check";

/**
 * Property tests draw new cases on every run at a desk, where a find is welcome, and the same ones in CI, where a change must
 * not fail for what it did not touch.
 */
if (process.env["CI"]) fc.configureGlobal({ seed: 20_261_122 });
