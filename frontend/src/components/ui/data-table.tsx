// biome-ignore-all lint/a11y/noRedundantRoles: shown as blocks, the parts of a table have no role of their own
import type { ReactNode } from "react";

export interface Column<Row> {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** Numbers stand at the right. */
  isNumber?: boolean;
  /** The header is for screen readers only, as over buttons. */
  isHeaderHidden?: boolean;
}

interface Props<Row> {
  /** What the rows are: the table's name. */
  label: string;
  /** The first one names the row. */
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string | number;
}

/** A table that turns into cards where there is no room for columns. The roles are said out loud: cards would lose them. */
export function DataTable<Row>({ label, columns, rows, rowKey }: Props<Row>) {
  return (
    <div className="overflow-x-auto rounded-lg border border-line bg-surface">
      <table role="table" aria-label={label} className="data-table w-full border-collapse text-left">
        <thead role="rowgroup">
          <tr role="row">
            {columns.map(({ id, header, isNumber, isHeaderHidden }) => (
              <th key={id} role="columnheader" scope="col" className={isNumber ? "sm:text-right" : ""}>
                <span className={isHeaderHidden ? "sr-only" : ""}>{header}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr key={rowKey(row)} role="row">
              {columns.map((column, index) => (
                <Cell key={column.id} column={column} row={row} isFirst={index === 0} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell<Row>({ column, row, isFirst }: { column: Column<Row>; row: Row; isFirst: boolean }) {
  const { header, cell, isNumber, isHeaderHidden } = column;
  const label = isFirst || isHeaderHidden ? undefined : header;
  const content = <div className="min-w-0">{cell(row)}</div>;
  if (isFirst) {
    return (
      <th role="rowheader" scope="row">
        {content}
      </th>
    );
  }
  return (
    <td role="cell" data-label={label} className={isNumber ? "sm:text-right" : ""}>
      {content}
    </td>
  );
}
