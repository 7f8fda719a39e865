/** What teams may spend: changing it. Reading it is in teams.ts, which the list of issues needs too. */
import type { BudgetChange } from "../budget-form";
import { bodyOf, client } from "./client";

export const budgets = {
  setBudget: (team_id: number, body: BudgetChange) =>
    bodyOf(client.PUT("/api/teams/{team_id}/budget/", { params: { path: { team_id } }, body })),
};
