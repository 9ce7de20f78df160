/** Mantine in the look: its colours, sizes and radii point at the tokens of `tokens.css`. */
import { t } from '@lingui/core/macro';
import {
  Button,
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  Menu,
  Modal,
  Popover,
  Select,
  TextInput,
  Tooltip,
} from '@mantine/core';

export const theme = createTheme({
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", Menlo, Consolas, monospace',
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 4 },
  variantColorResolver: (input) => {
    const colours = defaultVariantColorsResolver(input);
    if (input.variant !== 'filled') return colours;
    const onBad = 'light-dark(#ffffff, #2b0907)';
    return { ...colours, color: input.color === 'red' ? onBad : 'var(--on-accent)' };
  },
  defaultRadius: 8,
  cursorType: 'pointer',
  fontSizes: { xs: '11.5px', sm: '13px', md: '13px', lg: '15px', xl: '17px' },
  headings: { fontFamily: 'var(--font)', fontWeight: '600' },
  colors: {
    // Mantine draws inputs, menus and borders of the dark scheme from these.
    dark: [
      '#e6eeec',
      '#c3d0cd',
      '#9fb0ad',
      '#8b9a97',
      '#3a4846',
      '#2b3735',
      '#171e1d',
      '#141a19',
      '#101514',
      '#0c100f',
    ],
    accent: [
      '#e1f2f0',
      '#c3e4e1',
      '#97d2cd',
      '#62c4bc',
      '#3fbdb3',
      '#26a59c',
      '#148a84',
      '#0b7a75',
      '#09655f',
      '#074f4b',
    ],
    red: [
      '#fdecea',
      '#fbd5d2',
      '#ffb3ad',
      '#ff9a92',
      '#ff8178',
      '#e8625a',
      '#d5463f',
      '#c0322b',
      '#a12620',
      '#821e19',
    ],
  },
  components: {
    Button: Button.extend({ defaultProps: { size: 'xs', fz: 13, fw: 600 } }),
    TextInput: TextInput.extend({ defaultProps: { size: 'xs' } }),
    Select: Select.extend({ defaultProps: { size: 'xs', checkIconPosition: 'right' } }),
    // The placeholder is a child that no menu may have; the first item takes the focus without it.
    Menu: Menu.extend({ defaultProps: { withInitialFocusPlaceholder: false } }),
    Modal: Modal.extend({
      defaultProps: {
        radius: 12,
        centered: false,
        yOffset: '12vh',
        closeButtonProps: { 'aria-label': t`Close` },
        // Its head is not the page's: there is one banner.
        attributes: { header: { role: 'presentation' } },
      },
    }),
    Popover: Popover.extend({ defaultProps: { radius: 10 } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 350, fz: 12, withArrow: false } }),
  },
});

const shared = {
  '--mantine-color-body': 'var(--panel)',
  '--mantine-color-text': 'var(--ink)',
  '--mantine-color-dimmed': 'var(--ink-2)',
  '--mantine-color-placeholder': 'var(--ink-3)',
  '--mantine-color-anchor': 'var(--accent)',
  '--mantine-color-error': 'var(--bad)',
  '--mantine-color-default': 'var(--panel)',
  '--mantine-color-default-hover': 'var(--bg)',
  '--mantine-color-default-color': 'var(--ink)',
  '--mantine-color-default-border': 'var(--line-strong)',
  '--mantine-color-disabled': 'var(--bg)',
  '--mantine-color-disabled-color': 'var(--ink-3)',
  '--mantine-color-disabled-border': 'var(--line)',
  '--mantine-primary-color-filled': 'var(--accent)',
  '--mantine-primary-color-filled-hover': 'var(--accent-hover)',
  '--mantine-primary-color-contrast': 'var(--on-accent)',
  '--mantine-primary-color-light': 'var(--accent-ground)',
  '--mantine-primary-color-light-hover': 'var(--accent-ground)',
  '--mantine-primary-color-light-color': 'var(--accent)',
  '--mantine-color-accent-filled': 'var(--accent)',
  '--mantine-color-accent-filled-hover': 'var(--accent-hover)',
  '--mantine-color-accent-contrast': 'var(--on-accent)',
  '--mantine-color-accent-light': 'var(--accent-ground)',
  '--mantine-color-accent-light-hover': 'var(--accent-ground)',
  '--mantine-color-accent-light-color': 'var(--accent)',
  '--mantine-color-red-light-color': 'var(--bad)',
  '--mantine-color-red-light-hover': 'var(--bad-ground)',
  '--mantine-shadow-md': 'var(--shadow-float)',
  '--mantine-shadow-sm': 'var(--shadow-float)',
  '--overlay-bg': 'var(--backdrop)',
};

export const variables: CSSVariablesResolver = () => ({
  variables: shared,
  light: shared,
  dark: shared,
});
