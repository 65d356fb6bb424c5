// What surrounds every page: the navigation bar with who one is, the service's own navigation, the messages.
import { AppLayout, BreadcrumbGroup, SideNavigation, TopNavigation, type BreadcrumbGroupProps, type SideNavigationProps, type TopNavigationProps } from "@cloudscape-design/components";
import { createContext, useContext, useEffect, useState, type ReactNode } from "react";
import { createPortal } from "react-dom";
import { useLocation, useNavigate } from "react-router-dom";
import { accountId } from "./format";
import { Notifications, useNotify } from "./notify";
import { roleHistory, useSession, useSessionContext } from "./session";
import { useSwitchRole } from "./switchrole";

export const services = [
  { id: "iam", name: "IAM", title: "Manage access to AWS resources", href: "/iam/home" },
  { id: "s3", name: "S3", title: "Scalable Storage in the Cloud", href: "/s3/buckets" },
  { id: "cloudtrail", name: "CloudTrail", title: "Event history: every request and how it was decided", href: "/cloudtrail/events" },
];

const regions = [
  ["us-east-1", "US East (N. Virginia)"],
  ["us-east-2", "US East (Ohio)"],
  ["us-west-2", "US West (Oregon)"],
  ["eu-west-1", "Europe (Ireland)"],
  ["eu-central-1", "Europe (Frankfurt)"],
  ["ap-southeast-2", "Asia Pacific (Sydney)"],
  ["ap-northeast-1", "Asia Pacific (Tokyo)"],
];

const navigation: Record<string, SideNavigationProps> = {
  iam: {
    header: { text: "Identity and Access Management (IAM)", href: "/iam/home" },
    items: [
      { type: "link", text: "Dashboard", href: "/iam/home" },
      {
        type: "section",
        text: "Access management",
        items: [
          { type: "link", text: "User groups", href: "/iam/groups" },
          { type: "link", text: "Users", href: "/iam/users" },
          { type: "link", text: "Roles", href: "/iam/roles" },
          { type: "link", text: "Policies", href: "/iam/policies" },
          { type: "link", text: "Account settings", href: "/iam/account_settings" },
        ],
      },
    ],
  },
  s3: {
    header: { text: "Amazon S3", href: "/s3/buckets" },
    items: [{ type: "link", text: "General purpose buckets", href: "/s3/buckets" }],
  },
  cloudtrail: {
    header: { text: "CloudTrail", href: "/cloudtrail/events" },
    items: [{ type: "link", text: "Event history", href: "/cloudtrail/events" }],
  },
};

const Crumbs = createContext<(items: BreadcrumbGroupProps.Item[]) => void>(() => {});

/** Says where the page is, and names the browser's tab. */
export function usePage(...path: [text: string, href: string][]) {
  const set = useContext(Crumbs);
  const key = JSON.stringify(path);
  useEffect(() => {
    set(path.map(([text, href]) => ({ text, href })));
    document.title = `${path.at(-1)?.[0] ?? "Console Home"} | xemu`;
  }, [key, set]);
}

/** Follows links inside the console without loading it anew. */
export function useFollow() {
  const go = useNavigate();
  return (e: CustomEvent<{ href?: string; external?: boolean }>) => {
    const href = e.detail.href;
    if (!href || e.detail.external) return;
    e.preventDefault();
    go(href.replace(/^\/console/, ""));
  };
}

export function Layout({ children }: { children: ReactNode }) {
  const [crumbs, setCrumbs] = useState<BreadcrumbGroupProps.Item[]>([]);
  const [open, setOpen] = useState(true);
  const { pathname } = useLocation();
  const follow = useFollow();
  const { clear } = useNotify();
  useEffect(clear, [clear]); // a layout is one identity's: what another was told is over
  const own = navigation[pathname.split("/")[1]];
  const inConsole = (items: readonly SideNavigationProps.Item[]): SideNavigationProps.Item[] =>
    items.map((i) => (i.type === "section" ? { ...i, items: inConsole(i.items) } : i.type === "link" ? { ...i, href: "/console" + i.href } : i));
  const active = own?.items && flat(own.items).findLast((href) => pathname.startsWith(href));
  return (
    <Crumbs.Provider value={setCrumbs}>
      <TopBar />
      <AppLayout
        headerSelector="#h"
        navigationHide={!own}
        navigationOpen={open}
        onNavigationChange={({ detail }) => setOpen(detail.open)}
        navigation={
          own && (
            <SideNavigation
              header={{ ...own.header!, href: "/console" + own.header!.href }}
              items={inConsole(own.items!)}
              activeHref={"/console" + active}
              onFollow={follow}
            />
          )
        }
        breadcrumbs={own && <BreadcrumbGroup items={crumbs.map((c) => ({ ...c, href: "/console" + c.href }))} onFollow={follow} />}
        notifications={<Notifications />}
        stickyNotifications
        toolsHide
        content={children}
        ariaLabels={{ navigation: "Side navigation", navigationClose: "Close side navigation", navigationToggle: "Open side navigation", notifications: "Notifications" }}
      />
    </Crumbs.Provider>
  );
}

const flat = (items: readonly SideNavigationProps.Item[]): string[] =>
  items.flatMap((i) => (i.type === "section" ? flat(i.items) : i.type === "link" ? [i.href] : []));

function TopBar() {
  const session = useSession();
  const { signOut, switchBack, region, setRegion } = useSessionContext();
  const switchRole = useSwitchRole();
  const notify = useNotify();
  const go = useNavigate();
  const follow = useFollow();
  const { identity, signedIn, role } = session;
  const place = identity.alias || accountId(identity.account);
  const label = role ? role.displayName : identity.type === "Root" ? identity.accountName : `${identity.name} @ ${place}`;

  const choose = async (id: string) => {
    if (id.startsWith("/")) return go(id);
    try {
      if (id === "signout") {
        go("/home");
        await signOut();
      }
      if (id === "back") {
        await switchBack();
        go("/home");
      }
    } catch (e) {
      notify.failed("That did not work", e);
    }
    const past = id.startsWith("role:") && roleHistory()[Number(id.slice(5))];
    if (past && (await switchRole(past))) go("/home");
  };
  const past = roleHistory().map((r, i) => ({ id: `role:${i}`, text: r.displayName, description: `${r.roleName} in ${accountId(r.account)}` }));
  const account: TopNavigationProps.MenuDropdownUtility = {
    type: "menu-dropdown",
    text: label,
    iconName: role ? undefined : "user-profile",
    iconSvg: role && (
      <svg viewBox="0 0 16 16" focusable="false">
        <rect x="1" y="1" width="14" height="14" rx="3" fill={role.color || "#8d99a8"} stroke="none" style={{ fill: role.color || "#8d99a8", stroke: "none" }} />
      </svg>
    ),
    description: `Account ID: ${accountId(identity.account)}`,
    onItemClick: ({ detail }) => choose(detail.id),
    items: [
      {
        id: "who",
        text: role ? `Active as ${role.roleName} in ${identity.accountName}` : `Account ${identity.accountName}`,
        items: [{ id: "arn", text: identity.arn, disabled: true }],
      },
      ...(role ? [{ id: "back", text: `Switch back to ${signedIn.name}` }] : []),
      ...(signedIn.type === "IAMUser" ? [{ id: "/switchrole", text: "Switch role" }] : []),
      ...(past.length && signedIn.type === "IAMUser" ? [{ id: "past", text: "Role history", items: past }] : []),
      ...(identity.type === "IAMUser" ? [{ id: `/iam/users/details/${identity.name}?section=security_credentials`, text: "Security credentials" }] : []),
      { id: "signout", text: "Sign out" },
    ],
  };
  const bar = (
    <TopNavigation
      identity={{ href: "/console/home", title: "xemu", onFollow: follow }}
      i18nStrings={{ overflowMenuTriggerText: "More", overflowMenuTitleText: "All" }}
      utilities={[
        {
          type: "menu-dropdown",
          text: "Services",
          iconName: "grid-view",
          ariaLabel: "Services",
          items: services.map((s) => ({ id: s.href, text: s.name, description: s.title })),
          onItemClick: ({ detail }) => go(detail.id),
        },
        {
          type: "menu-dropdown",
          text: regions.find(([id]) => id === region)?.[1] ?? region,
          ariaLabel: "Region",
          items: regions.map(([id, text]) => ({ id, text, description: id })),
          onItemClick: ({ detail }) => setRegion(detail.id),
        },
        account,
      ]}
    />
  );
  return createPortal(bar, document.getElementById("h")!);
}
