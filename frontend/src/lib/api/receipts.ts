/** Receipts of tool calls, and making a call again. */
import { bodyOf, client } from "./client";

interface ReceiptQuery {
  repeats?: string;
  limit?: number;
}

export const receipts = {
  receipts: (query: ReceiptQuery) => bodyOf(client.GET("/api/receipts/", { params: { query } })),
  /** With at most `limit` characters of its result, from `offset` on. */
  receipt: (id: string, offset: number, limit: number) =>
    bodyOf(client.GET("/api/receipts/{receipt_id}/", { params: { path: { receipt_id: id }, query: { offset, limit } } })),
  recheck: (id: string) => bodyOf(client.POST("/api/receipts/{receipt_id}/recheck/", { params: { path: { receipt_id: id } } })),
};
