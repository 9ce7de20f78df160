/** What a new template begins with: a small, sound e-mail that says how Liquid is used. */
export const STARTER = {
  subject: 'A word for {{ contact.first_name | default: "you" }}',
  preheader: '',
  html: `<div style="max-width:560px;margin:0 auto;padding:24px;font-family:Arial,sans-serif;font-size:16px;line-height:1.5;color:#16201f">
  <p>Hello {{ contact.first_name | default: "there" }},</p>
  <p>write here what you have to say.</p>
  <p><a href="https://example.com" style="display:inline-block;padding:10px 18px;border-radius:6px;background:#0b7a75;color:#ffffff;text-decoration:none">Have a look</a></p>
  <p style="font-size:12px;color:#5a6765">{{ workspace.name }}, {{ workspace.postal_address }} · <a href="{{ unsubscribe_url }}" style="color:#5a6765">Unsubscribe</a></p>
</div>
`,
  text: `Hello {{ contact.first_name | default: "there" }},

write here what you have to say.

https://example.com

{{ workspace.name }}, {{ workspace.postal_address }}
Unsubscribe: {{ unsubscribe_url }}
`,
} as const;
