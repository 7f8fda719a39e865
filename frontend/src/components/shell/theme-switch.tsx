"use client";
import { Monitor, Moon, Sun } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "@/components/ui/button";
import { chooseTheme, readTheme, THEMES, type Theme } from "@/lib/theme";

const LOOKS = {
  system: { Icon: Monitor, label: "as the system" },
  light: { Icon: Sun, label: "light" },
  dark: { Icon: Moon, label: "dark" },
};

/** One button that goes through the three choices. */
export function ThemeSwitch() {
  const [theme, setTheme] = useState<Theme>("system");
  useEffect(() => setTheme(readTheme()), []);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system";
  const { Icon, label } = LOOKS[theme];
  const change = () => {
    chooseTheme(next);
    setTheme(next);
  };
  return (
    <Button
      variant="quiet"
      className="px-2"
      onClick={change}
      aria-label={`Colors: ${label}. Change to ${LOOKS[next].label}`}
      title={`Colors: ${label}`}
    >
      <Icon className="size-4" aria-hidden />
    </Button>
  );
}
