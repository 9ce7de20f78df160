/** Every address of the product. Pages are loaded when they are first visited. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { ApiError } from '@/api/client';
import { meQuery } from '@/api/queries';
import type { VisitOutcome } from '@/api/types';
import { RANGES, type RangeName } from '@/model/course';
import { HEAT_BY, type HeatBy } from '@/model/heat';
import { asFilters } from '@/segments/filters';
import { ErrorPage } from './ErrorPage';
import { NotFoundPage } from './NotFoundPage';
import { queryClient } from './query-client';
import { Shell } from './Shell';

const rootRoute = createRootRoute({
  component: Outlet,
  notFoundComponent: NotFoundPage,
  errorComponent: ErrorPage,
});

/** A word of an address: what looks like a number is read as one, and was meant as it stands. */
const asText = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) || undefined : undefined;

const asSearch = (said: Record<string, unknown>): { search?: string } => {
  const search = asText(said.search);
  return search ? { search } : {};
};

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/login',
  validateSearch: (search: Record<string, unknown>): { next?: string } =>
    typeof search.next === 'string' && /^\/(?!\/)/.test(search.next) ? { next: search.next } : {},
  component: lazyRouteComponent(() => import('./LoginPage'), 'LoginPage'),
});

/** All pages behind sign-in, in the frame with the rail. */
const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'shell',
  component: Shell,
  beforeLoad: async ({ location }) => {
    try {
      await queryClient.ensureQueryData(meQuery);
    } catch (error) {
      if (error instanceof ApiError && (error.status === 401 || error.status === 403)) {
        throw redirect({ to: '/login', search: { next: location.href } });
      }
      throw error;
    }
  },
});

const homeRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/',
  component: lazyRouteComponent(() => import('@/home/HomePage'), 'HomePage'),
});

const flowsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/flows',
  validateSearch: asSearch,
  component: lazyRouteComponent(() => import('@/canvas/FlowsPage'), 'FlowsPage'),
});

const flowTemplatesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/flows/templates',
  validateSearch: (search: Record<string, unknown>): { group?: string; search?: string } => ({
    ...(typeof search.group === 'string' && { group: search.group }),
    ...asSearch(search),
  }),
  component: lazyRouteComponent(() => import('@/gallery/GalleryPage'), 'GalleryPage'),
});

const flowTemplateRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/flows/templates/$template',
  component: lazyRouteComponent(() => import('@/gallery/TemplatePage'), 'TemplatePage'),
});

export const FLOW_TABS = ['design', 'try', 'live', 'people', 'results', 'versions'] as const;
export type FlowTab = (typeof FLOW_TABS)[number];

export interface FlowSearch {
  tab?: FlowTab;
  /** The chosen node. */
  node?: string;
  /** The version looked at in the tab "versions", and the one it is compared with. */
  version?: number;
  against?: number;
  /** Whom the tab "people" shows. */
  outcome?: VisitOutcome;
  /** By which name, e-mail or id. */
  find?: string;
  /** Whose results are shown: those who entered in so many days, who are in a segment. */
  days?: number;
  /** A period of its own instead of `days`: dates, the last one included. */
  from?: string;
  to?: string;
  segment?: string;
  /** Over which time the tab "live" shows numbers, and by what its steps are tinted. */
  range?: RangeName;
  heat?: HeatBy;
  /** The visit that is followed in the tab "live". */
  visit?: number;
  /** How the tab "try" tries: one person unless said, and which backtest is looked at. */
  way?: 'backtest';
  backtest?: number;
}

const isId = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;

const isDay = (value: unknown): value is string =>
  typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value);

const OUTCOMES: readonly VisitOutcome[] = ['inside', 'completed', 'converted', 'exited', 'failed'];

const flowRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/flows/$key',
  validateSearch: (search: Record<string, unknown>): FlowSearch => {
    const tab = FLOW_TABS.find((name) => name === search.tab);
    const outcome = OUTCOMES.find((name) => name === search.outcome);
    const range = RANGES.find((name) => name === search.range);
    const heat = HEAT_BY.find((name) => name === search.heat);
    return {
      ...(tab && { tab }),
      ...(outcome && { outcome }),
      ...(asText(search.find) && { find: asText(search.find) }),
      ...(typeof search.against === 'number' && { against: search.against }),
      ...(search.way === 'backtest' && { way: search.way }),
      ...(typeof search.backtest === 'number' && { backtest: search.backtest }),
      ...(typeof search.node === 'string' && { node: search.node }),
      ...(typeof search.version === 'number' && { version: search.version }),
      ...(typeof search.days === 'number' && { days: search.days }),
      ...(typeof search.segment === 'string' && { segment: search.segment }),
      ...(isDay(search.from) && { from: search.from }),
      ...(isDay(search.to) && { to: search.to }),
      ...(range && { range }),
      ...(heat && { heat }),
      ...(isId(search.visit) && { visit: search.visit }),
    };
  },
  component: lazyRouteComponent(() => import('@/canvas/FlowPage'), 'FlowPage'),
});

const segmentsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/segments',
  validateSearch: asFilters,
  component: lazyRouteComponent(() => import('@/segments/SegmentsPage'), 'SegmentsPage'),
});

const tabSearch = (search: Record<string, unknown>): { tab?: string } =>
  typeof search.tab === 'string' ? { tab: search.tab } : {};

export interface SegmentSearch {
  tab?: string;
  /** What a new segment begins with: one of the starters' keys, or a rule. */
  start?: string;
  rule?: object;
}

const segmentRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/segments/$key',
  validateSearch: (search: Record<string, unknown>): SegmentSearch => ({
    ...(typeof search.tab === 'string' && { tab: search.tab }),
    ...(typeof search.start === 'string' && { start: search.start }),
    ...(typeof search.rule === 'object' && search.rule !== null && { rule: search.rule }),
  }),
  component: lazyRouteComponent(() => import('@/segments/SegmentPage'), 'SegmentPage'),
});

const contactsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/contacts',
  validateSearch: asSearch,
  component: lazyRouteComponent(() => import('@/contacts/ContactsPage'), 'ContactsPage'),
});

const importsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/contacts/import',
  component: lazyRouteComponent(() => import('@/imports/ImportsPage'), 'ImportsPage'),
});

const importRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/contacts/import/$id',
  component: lazyRouteComponent(() => import('@/imports/ImportPage'), 'ImportPage'),
});

const contactRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/contacts/$id',
  validateSearch: tabSearch,
  component: lazyRouteComponent(() => import('@/contacts/ContactPage'), 'ContactPage'),
});

const messagesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/messages',
  validateSearch: (
    search: Record<string, unknown>,
  ): { flow?: string; status?: string; search?: string; message?: number } => ({
    ...(typeof search.flow === 'string' && { flow: search.flow }),
    ...(typeof search.status === 'string' && { status: search.status }),
    ...asSearch(search),
    ...(typeof search.message === 'number' && { message: search.message }),
  }),
  component: lazyRouteComponent(() => import('@/messages/MessagesPage'), 'MessagesPage'),
});

const templatesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/templates',
  validateSearch: asSearch,
  component: lazyRouteComponent(() => import('@/messages/TemplatesPage'), 'TemplatesPage'),
});

const templateRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/templates/$key',
  component: lazyRouteComponent(() => import('@/messages/TemplatePage'), 'TemplatePage'),
});

const settingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/settings',
  validateSearch: (search: Record<string, unknown>): { tab?: string; rule?: string } => ({
    ...tabSearch(search),
    // the score rule that is open
    ...(typeof search.rule === 'string' && { rule: search.rule }),
  }),
  component: lazyRouteComponent(() => import('@/settings/SettingsPage'), 'SettingsPage'),
});

/** Any other address, in the frame too. */
const nowhereRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/$',
  component: NotFoundPage,
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    loginRoute,
    shellRoute.addChildren([
      homeRoute,
      flowsRoute,
      flowTemplatesRoute,
      flowTemplateRoute,
      flowRoute,
      segmentsRoute,
      segmentRoute,
      contactsRoute,
      contactRoute,
      importsRoute,
      importRoute,
      messagesRoute,
      templatesRoute,
      templateRoute,
      settingsRoute,
      nowhereRoute,
    ]),
  ]),
  defaultPreload: 'intent',
  defaultErrorComponent: ErrorPage,
  scrollRestoration: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
