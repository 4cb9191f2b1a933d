/** Input tokens of one datum. */
export interface Sequence {
  readonly tokens: Int32Array;
}

/**
 * One row of a batch: a shared prefix, then the rest of each member. A row of one member has no prefix. Position i of a
 * member stands in the row at i where i < prefix, else at start + i − prefix.
 */
export interface BatchRow {
  /** Positions that all members share. */
  readonly prefix: number;
  readonly members: readonly RowMember[];
  /** Positions of the whole row. */
  readonly length: number;
}

export interface RowMember {
  /** Index of the sequence among those given. */
  readonly sequence: number;
  /** Where in the row its own part begins. */
  readonly start: number;
}

/** A row that holds one sequence alone. */
export function singleRow(sequence: number, length: number): BatchRow {
  return { prefix: 0, members: [{ sequence, start: 0 }], length };
}

/** Where a position of a member stands in its row. */
export function rowPosition(row: BatchRow, member: RowMember, position: number): number {
  return position < row.prefix ? position : member.start + position - row.prefix;
}
