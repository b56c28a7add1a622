/** Whether a text has the form of an e-mail address. Whether it exists, only a mail tells. */
export const isEmail = (text: string): boolean =>
  /^[^\s@,;<>()]{1,64}@[^\s@,;<>().]+(\.[^\s@,;<>().]+)*$/.test(text) && text.length <= 254
