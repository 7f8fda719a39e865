import type { Metadata } from "next";
import { Audit } from "@/components/settings/audit";

export const metadata: Metadata = { title: "Audit log" };

export default function AuditPage() {
  return <Audit />;
}
