interface ImportMeta {
  readonly env: { readonly VITE_ROOKERY_URL: string };
}
