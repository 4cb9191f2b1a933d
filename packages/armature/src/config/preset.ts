/** A recipe with holes: what it leaves out, the recipe file must say. */
export type Preset<Recipe> = { readonly [Key in keyof Recipe]?: Recipe[Key] | Partial<Recipe[Key]> };
