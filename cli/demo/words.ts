/** What the demo is made of. Domains are reserved ones (RFC 2606): no mail ever reaches a person. */
export const FIRST_NAMES = [
  'Ada', 'Amara', 'Ana', 'Anders', 'Anika', 'Ben', 'Carla', 'Chidi', 'Chloé', 'Daniel', 'Devi', 'Diego', 'Elena', 'Emeka', 'Emil',
  'Fatima', 'Felix', 'Freya', 'Gabriel', 'Hana', 'Hugo', 'Ines', 'Ivan', 'Jack', 'Jana', 'João', 'Jonas', 'Kai', 'Keiko', 'Lars',
  'Leila', 'Liam', 'Lucía', 'Maja', 'Marco', 'Mei', 'Mia', 'Milan', 'Nadia', 'Noah', 'Nora', 'Olga', 'Omar', 'Paula', 'Priya', 'Rafael',
  'Rosa', 'Sadia', 'Sam', 'Sofia', 'Sven', 'Tariq', 'Theo', 'Uma', 'Vera', 'Viktor', 'Wei', 'Yara', 'Yusuf', 'Zoë',
]

export const LAST_NAMES = [
  'Abara', 'Almeida', 'Andersson', 'Bauer', 'Becker', 'Brown', 'Castro', 'Chen', 'Costa', 'Diallo', 'Dubois', 'Eriksen', 'Fischer',
  'Fontaine', 'García', 'Green', 'Haddad', 'Hansen', 'Ito', 'Ivanova', 'Jansen', 'Johnson', 'Kaya', 'Khan', 'Kim', 'Kowalska', 'Kumar',
  'Larsen', 'Lopes', 'Malik', 'Martin', 'Meyer', 'Moreau', 'Müller', 'Nakamura', 'Nguyen', 'Novák', "O'Brien", 'Okafor', 'Park', 'Patel',
  'Pereira', 'Petrov', 'Reyes', 'Rossi', 'Sato', 'Schmidt', 'Silva', 'Singh', 'Smith', 'Tanaka', 'Torres', 'Vargas', 'Weber', 'Wilson',
  'Wójcik', 'Yamada', 'Yılmaz', 'Zhang', 'Zimmer',
]

export const MAIL_DOMAINS = ['example.com', 'example.net', 'example.org', 'mail.example', 'post.example', 'inbox.example']

export const SHOP_ADJECTIVES = ['Blue', 'Copper', 'Golden', 'Hidden', 'Little', 'Lucky', 'Northern', 'Old', 'Paper', 'Quiet', 'Silver', 'Wild']
export const SHOP_NOUNS = ['Anchor', 'Attic', 'Bazaar', 'Crate', 'Fox', 'Garden', 'Harbor', 'Lantern', 'Loft', 'Orchard', 'Shelf', 'Workshop']
export const SHOP_KINDS = ['Antiques', 'Books', 'Cameras', 'Cards', 'Ceramics', 'Furniture', 'Lights', 'Prints', 'Records', 'Toys', 'Vintage', 'Watches']

export const STYLES = ['Art Deco', 'Brass', 'Ceramic', 'First edition', 'Hand-made', 'Leather', 'Mid-century', 'Restored', 'Signed', 'Vintage', 'Walnut', 'Woven']
export const THINGS = [
  'armchair', 'bookshelf', 'camera', 'card deck', 'clock', 'coffee grinder', 'desk lamp', 'film poster', 'globe', 'guitar', 'mirror',
  'model train', 'necklace', 'notebook', 'radio', 'record player', 'rug', 'sideboard', 'tea set', 'teddy bear', 'trading card',
  'typewriter', 'vase', 'wristwatch',
]

export const CITIES: Record<string, readonly string[]> = {
  USD: ['Austin, US', 'Chicago, US', 'Portland, US', 'Reno, US'],
  EUR: ['Berlin, DE', 'Lyon, FR', 'Milano, IT', 'Utrecht, NL'],
  GBP: ['Bristol, GB', 'Leeds, GB'],
  CAD: ['Montréal, CA', 'Toronto, CA'],
  AUD: ['Melbourne, AU', 'Perth, AU'],
  JPY: ['Kyoto, JP', 'Osaka, JP'],
  BRL: ['Recife, BR', 'São Paulo, BR'],
  KWD: ['Kuwait City, KW'],
}

export const PLANS = ['starter', 'standard', 'pro']

/** `Lucía O'Brien` as part of an address: `lucia.obrien`. */
export const plain = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/[^A-Za-z ]/g, '')
    .toLowerCase()
    .trim()
    .replace(/ +/g, '.')
