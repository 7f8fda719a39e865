"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { budgets } from "@/lib/api/budgets";
import type { BudgetChange } from "@/lib/budget-form";

/** Replaces a team's budget; what the server answers is what holds from then on. */
export function useSetBudget(teamId: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: BudgetChange) => budgets.setBudget(teamId, change),
    onSuccess: (budget) => client.setQueryData(["team-budget", teamId], budget),
  });
}
