// The few pictures of the app, drawn with one pen. They never speak: the words stand beside them or in a label.
import type { ReactNode } from 'react'

function Icon({ children, size = 18 }: { readonly children: ReactNode; readonly size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  )
}

export function Mark({ size = 20 }: { readonly size?: number }) {
  return (
    <Icon size={size}>
      <path d="M2.5 9v5.2a3.6 3.6 0 0 0 7.2 0V9a3.6 3.6 0 0 1 7.2 0v7.5" strokeWidth="2.2" />
      <path d="M7.1 16.5V9a3.6 3.6 0 0 1 7.2 0v5.2a3.6 3.6 0 0 0 7.2 0V9" strokeWidth="2.2" opacity=".45" />
    </Icon>
  )
}

export const Plus = () => (
  <Icon>
    <path d="M12 5v14M5 12h14" />
  </Icon>
)

export const Menu = () => (
  <Icon>
    <path d="M4 7h16M4 12h16M4 17h10" />
  </Icon>
)

export const Close = () => (
  <Icon>
    <path d="m6 6 12 12M18 6 6 18" />
  </Icon>
)

export const Hash = () => (
  <Icon size={16}>
    <path d="M9.5 4 8 20M16 4l-1.5 16M4.5 9h16M3.5 15h16" />
  </Icon>
)

export const Up = () => (
  <Icon>
    <path d="M12 19V5M5.5 11.5 12 5l6.5 6.5" strokeWidth="2.2" />
  </Icon>
)

export const Down = () => (
  <Icon size={16}>
    <path d="M12 5v14M5.5 12.5 12 19l6.5-6.5" />
  </Icon>
)

export const Square = ({ size = 18 }: { readonly size?: number }) => (
  <Icon size={size}>
    <rect x="6.5" y="6.5" width="11" height="11" rx="2.5" fill="currentColor" />
  </Icon>
)

export const Copy = () => (
  <Icon size={15}>
    <rect x="9" y="9" width="11" height="11" rx="2.5" />
    <path d="M5.5 15A2.5 2.5 0 0 1 4 12.7V6.5A2.5 2.5 0 0 1 6.5 4h6.2A2.5 2.5 0 0 1 15 5.5" />
  </Icon>
)

export const Check = () => (
  <Icon size={15}>
    <path d="m5 12.5 4.5 4.5L19 7.5" />
  </Icon>
)

export const Checks = () => (
  <Icon size={15}>
    <path d="m2.5 12.5 4.5 4.5L16 7.5M12.5 17 21.5 7.5" />
  </Icon>
)

export const People = () => (
  <Icon>
    <circle cx="9" cy="8.5" r="3.5" />
    <path d="M2.5 19.5a6.5 6.5 0 0 1 13 0M16 5.3a3.5 3.5 0 0 1 0 6.4M18 14.2a6.5 6.5 0 0 1 3.5 5.3" />
  </Icon>
)

export const Tasks = () => (
  <Icon>
    <path d="m3.5 6.5 1.8 1.8L8.5 5M3.5 16.5l1.8 1.8L8.5 15M12 7h8.5M12 17h8.5" />
  </Icon>
)

export const Search = () => (
  <Icon>
    <circle cx="11" cy="11" r="6.5" />
    <path d="m16 16 4.5 4.5" />
  </Icon>
)

export const Reply = () => (
  <Icon size={15}>
    <path d="M9.5 5.5 4 11l5.5 5.5M4.5 11H14a6 6 0 0 1 6 6v1.5" />
  </Icon>
)

export const Bin = ({ size = 15 }: { readonly size?: number }) => (
  <Icon size={size}>
    <path d="M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 12.5h9.4L17.5 7M10 11v5M14 11v5" />
  </Icon>
)

export const Clip = () => (
  <Icon>
    <path d="m19.5 11.5-7.8 7.8a5 5 0 0 1-7-7l8.3-8.4a3.3 3.3 0 0 1 4.7 4.7l-8.3 8.3a1.7 1.7 0 0 1-2.4-2.4l7.3-7.3" />
  </Icon>
)

export const Microphone = () => (
  <Icon>
    <rect x="9" y="3" width="6" height="11" rx="3" />
    <path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3" />
  </Icon>
)

export const Play = () => (
  <Icon>
    <path d="M8 5.5v13l10.5-6.5z" fill="currentColor" />
  </Icon>
)

export const Pause = () => (
  <Icon>
    <path d="M8.5 6v12M15.5 6v12" strokeWidth="3.2" />
  </Icon>
)

export const Save = () => (
  <Icon>
    <path d="M12 4v11M7 10.5l5 5 5-5M5 19.5h14" />
  </Icon>
)

export const Forth = () => (
  <Icon>
    <path d="m9 5 7 7-7 7" />
  </Icon>
)

export const Photo = () => (
  <Icon>
    <rect x="3.5" y="4.5" width="17" height="15" rx="2.5" />
    <circle cx="8.8" cy="9.6" r="1.5" />
    <path d="m4 17 4.7-4.2 3.3 2.7 4-4 4.5 4" />
  </Icon>
)

export const Note = () => (
  <Icon>
    <path d="M9 17.5V5.8l10-2v11.7" />
    <circle cx="6.5" cy="17.5" r="2.5" />
    <circle cx="16.5" cy="15.5" r="2.5" />
  </Icon>
)

export const Film = () => (
  <Icon>
    <rect x="3.5" y="5" width="17" height="14" rx="2.5" />
    <path d="m10.5 9.3 4.6 2.7-4.6 2.7z" fill="currentColor" />
  </Icon>
)

export const Page = () => (
  <Icon>
    <path d="M13.5 3.5H7A2.5 2.5 0 0 0 4.5 6v12A2.5 2.5 0 0 0 7 20.5h10a2.5 2.5 0 0 0 2.5-2.5V9.5zM13.5 3.5v6h6M8.5 13.5h7M8.5 16.8h4.5" />
  </Icon>
)

export const Table = () => (
  <Icon>
    <rect x="3.5" y="4.5" width="17" height="15" rx="2.5" />
    <path d="M3.5 9.5h17M3.5 14.5h17M10 9.5v10" />
  </Icon>
)

export const Parcel = () => (
  <Icon>
    <path d="M4 8.5h16V17a2.5 2.5 0 0 1-2.5 2.5h-11A2.5 2.5 0 0 1 4 17zM4 8.5l2-4h12l2 4M12 8.5v3.5" />
  </Icon>
)

export const More = () => (
  <Icon size={15}>
    <path d="M5 12h.1M12 12h.1M19 12h.1" strokeWidth="3" />
  </Icon>
)

export const Chevron = () => (
  <Icon size={15}>
    <path d="m9 6 6 6-6 6" />
  </Icon>
)

export const Back = ({ size = 15 }: { readonly size?: number }) => (
  <Icon size={size}>
    <path d="m15 6-6 6 6 6" />
  </Icon>
)

export const Alert = () => (
  <Icon size={15}>
    <circle cx="12" cy="12" r="9" />
    <path d="M12 7.5v5M12 16.2v.1" />
  </Icon>
)

export const Clock = () => (
  <Icon size={15}>
    <circle cx="12" cy="12" r="9" />
    <path d="M12 7v5l3 2" />
  </Icon>
)

export const Wrench = () => (
  <Icon size={15}>
    <path d="M20 7.5a5 5 0 0 1-6.6 5.6L7 19.5a2 2 0 0 1-2.8-2.8L10.6 10A5 5 0 0 1 17 4.2l-3 3 .4 2.2 2.3.5z" />
  </Icon>
)

export const Pencil = () => (
  <Icon size={15}>
    <path d="M4.5 19.5 5.6 15 16 4.6a2 2 0 0 1 2.8 0l.6.6a2 2 0 0 1 0 2.8L9 18.4zM14 6.6 17.4 10" />
  </Icon>
)

export const Again = () => (
  <Icon size={15}>
    <path d="M19.5 12a7.5 7.5 0 1 1-2.2-5.3L20 9.4M20 4.5v4.9h-4.9" />
  </Icon>
)

export const Shield = () => (
  <Icon size={15}>
    <path d="M12 3.5 5 6v5.5c0 4.2 2.8 7.4 7 9 4.2-1.6 7-4.8 7-9V6zM12 8.5v4M12 15.7v.1" />
  </Icon>
)

export const Barred = () => (
  <Icon size={15}>
    <circle cx="12" cy="12" r="8.5" />
    <path d="m6 6 12 12" />
  </Icon>
)

export const Skip = () => (
  <Icon size={15}>
    <path d="M4.5 9.5a8 8 0 0 1 14 2M19.5 6.5v5h-5M7 17.5h.1M12 17.5h.1M17 17.5h.1" />
  </Icon>
)

export const Steer = () => (
  <Icon size={15}>
    <path d="M5 19v-5a5 5 0 0 1 5-5h9M14.5 4.5 19 9l-4.5 4.5" />
  </Icon>
)

export const World = () => (
  <Icon size={15}>
    <circle cx="12" cy="12" r="8.5" />
    <path d="M3.5 12h17M12 3.5c-5 5-5 12 0 17 5-5 5-12 0-17z" />
  </Icon>
)

export const Sun = () => (
  <Icon>
    <circle cx="12" cy="12" r="4" />
    <path d="M12 2.8v2M12 19.2v2M2.8 12h2M19.2 12h2M5.5 5.5l1.4 1.4M17.1 17.1l1.4 1.4M18.5 5.5l-1.4 1.4M6.9 17.1l-1.4 1.4" />
  </Icon>
)

export const Moon = () => (
  <Icon>
    <path d="M20 14.2A8.2 8.2 0 0 1 9.8 4a8.2 8.2 0 1 0 10.2 10.2z" />
  </Icon>
)

export const HalfMoon = () => (
  <Icon>
    <circle cx="12" cy="12" r="8.5" />
    <path d="M12 3.5v17a8.5 8.5 0 0 0 0-17z" fill="currentColor" />
  </Icon>
)

export const Leave = () => (
  <Icon>
    <path d="M14 5.5A2.5 2.5 0 0 0 11.5 3h-5A2.5 2.5 0 0 0 4 5.5v13A2.5 2.5 0 0 0 6.5 21h5a2.5 2.5 0 0 0 2.5-2.5M9.5 12H21m-3.5-4 4 4-4 4" />
  </Icon>
)
