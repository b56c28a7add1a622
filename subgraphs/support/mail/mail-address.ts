/** One plain address, which no header can be made of. */
export const isAddress = (text: string): boolean =>
  /^[^\s@<>,;:"()[\]\\]{1,64}@[^\s@<>,;:"()[\]\\]{1,253}$/.test(text)

/** One that mail over the internet can reach: its domain has a dot. Whether anybody reads it, nobody knows. */
export const isReachable = (text: string): boolean =>
  isAddress(text) && /@[^@]+\.[^.]{2,}$/.test(text) && text.length <= 254
