/** Puts a contact's field, or another name that Liquid knows, where the cursor is. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Popover } from '@mantine/core';
import { IconBraces } from '@tabler/icons-react';
import { useState } from 'react';
import { useFields } from '@/api/queries';
import { PickList } from '@/segments/rule/PickList';

const OTHERS = [
  { value: '{{ unsubscribe_url }}', label: t`Unsubscribe link` },
  { value: '{{ workspace.name }}', label: t`Workspace name` },
  { value: '{{ workspace.postal_address }}', label: t`Postal address` },
  { value: '{{ trigger.name }}', label: t`A property of the event that started the flow` },
  { value: '{{ "now" | date: "%d %B %Y" }}', label: t`Today’s date` },
  {
    value: '{% if contact.score > 80 %}\n\n{% endif %}',
    label: t`Only if…`,
  },
];

/** `company.name` stays a path; a key that Liquid cannot read as one is put in brackets. */
export function liquidName(key: string): string {
  return /^[\w-]+(\.[\w-]+)*$/.test(key) ? `contact.${key}` : `contact["${key}"]`;
}

export function InsertField({ onInsert }: { onInsert: (text: string) => void }) {
  const [open, setOpen] = useState(false);
  const { data: fields = [] } = useFields();
  return (
    <Popover
      opened={open}
      onChange={setOpen}
      position="bottom-end"
      width={300}
      trapFocus
      shadow="md"
      transitionProps={{ duration: 120 }}
    >
      <Popover.Target>
        <Button
          variant="default"
          leftSection={<IconBraces size={14} />}
          onClick={() => setOpen(!open)}
        >
          <Trans>Insert field</Trans>
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <PickList
          label={t`Search fields`}
          options={[
            ...fields.map((field) => ({
              value:
                field.type === 'string'
                  ? `{{ ${liquidName(field.key)} | default: "" }}`
                  : `{{ ${liquidName(field.key)} }}`,
              label: field.name,
              caption: field.type,
              group: t`Fields of the contact`,
            })),
            ...OTHERS.map((each) => ({ ...each, group: t`More` })),
          ]}
          onPick={(text) => {
            setOpen(false);
            // the popover gives the focus back first
            setTimeout(() => onInsert(text), 30);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}
