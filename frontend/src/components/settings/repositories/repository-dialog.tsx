"use client";
import { useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { Tabs } from "@/components/ui/tabs";
import type { Repository } from "@/lib/api-types";
import { CredentialTab } from "./credential-tab";
import { GeneralTab } from "./general-tab";
import { IndexTab } from "./index-tab";
import { WebhookTab } from "./webhook-tab";

const TABS = [
  { id: "index", label: "Index" },
  { id: "general", label: "General" },
  { id: "credential", label: "Credential" },
  { id: "webhook", label: "Webhook" },
] as const;
type TabId = (typeof TABS)[number]["id"];

interface Props {
  repository: Repository;
  isAdmin: boolean;
  onClose: () => void;
}

/** All that can be seen and set of one repository. Who is no admin sees how its index is. */
export function RepositoryDialog({ repository, isAdmin, onClose }: Props) {
  const [tab, setTab] = useState<TabId>("index");
  return (
    <Dialog title={repository.name} placement="side" onClose={onClose}>
      {isAdmin ? (
        <div className="px-4 pt-2">
          <Tabs label={`Settings of ${repository.name}`} tabs={TABS} selected={tab} onSelect={setTab} panelClass="py-4">
            {tab === "index" && <IndexTab repository={repository} isAdmin />}
            {tab === "general" && <GeneralTab key={repository.id} repository={repository} onRemoved={onClose} />}
            {tab === "credential" && <CredentialTab repository={repository} />}
            {tab === "webhook" && <WebhookTab repository={repository} />}
          </Tabs>
        </div>
      ) : (
        <div className="p-4">
          <IndexTab repository={repository} isAdmin={false} />
        </div>
      )}
    </Dialog>
  );
}
