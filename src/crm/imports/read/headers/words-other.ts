/** Column names in pl, cs, tr, ja, zh, by the field that they can mean. */
export const otherWords = {
  pl: `
name: Imię i nazwisko | Nazwa | Nazwa kontaktu | Kontakt | Klient
displayName: Nazwa wyświetlana
firstName: Imię | Imiona
middleName: Drugie imię
lastName: Nazwisko
salutation: Tytuł | Zwrot grzecznościowy | Forma grzecznościowa
email: E-mail | Adres e-mail | Poczta elektroniczna | Mail | E-mail służbowy
phone: Telefon | Tel. | Numer telefonu | Telefon służbowy | Telefon stacjonarny | Telefon domowy
mobilePhone: Telefon komórkowy | Komórka | Tel. kom. | Nr komórkowy
company: Firma | Nazwa firmy | Organizacja | Przedsiębiorstwo | Pracodawca
jobTitle: Stanowisko | Funkcja | Rola | Tytuł stanowiska
owner: Właściciel | Opiekun | Przypisany do | Handlowiec
domain: Domena
website: Strona internetowa | Strona www | WWW | Strona sieci Web
industry: Branża | Sektor
employees: Liczba pracowników | Pracownicy | Zatrudnienie
city: Miasto | Miejscowość | Miasto (biuro)
country: Kraj | Państwo | Kraj/region (biuro)
dealTitle: Szansa sprzedaży | Transakcja | Tytuł | Nazwa transakcji
value: Wartość | Kwota
currency: Waluta
stage: Etap | Faza | Status
closeDate: Data zamknięcia | Planowana data zamknięcia
contact: Osoba kontaktowa | Kontakt
other: Notatki | Uwagi | Komentarz | Opis | Ulica | Adres | Kod pocztowy | Województwo | Region | Tagi | Etykiety | Kategorie | Faks | Fax | Dział | Departament
`,
  cs: `
name: Jméno a příjmení | Celé jméno | Kontakt | Název kontaktu | Zákazník | Klient
displayName: Zobrazované jméno
firstName: Jméno | Křestní jméno
middleName: Prostřední jméno | Druhé jméno | Další jméno
lastName: Příjmení
salutation: Oslovení | Titul
email: E-mail | E-mailová adresa | Elektronická pošta | Mail | E-mail - Práce
phone: Telefon | Tel. | Telefonní číslo | Telefon do zaměstnání | Pevná linka | Telefon domů | Telefon - Práce
mobilePhone: Mobil | Mobilní telefon | Mobilní číslo | Telefon - Mobil
company: Firma | Společnost | Název firmy | Organizace | Zaměstnavatel
jobTitle: Pozice | Funkce | Pracovní pozice | Role
owner: Vlastník | Odpovědná osoba | Obchodník
domain: Doména
website: Web | Webová stránka | Webové stránky | WWW
industry: Obor | Odvětví | Obor podnikání
employees: Počet zaměstnanců | Zaměstnanci
city: Město | Obec
country: Země | Stát
dealTitle: Obchod | Obchodní případ | Příležitost | Název
value: Hodnota | Částka | Cena
currency: Měna
stage: Fáze | Stav
closeDate: Datum uzavření | Očekávané datum uzavření
contact: Kontaktní osoba | Kontakt
other: Poznámky | Poznámka | Komentář | Popis | Ulice | Adresa | PSČ | Kraj | Region | Štítky | Kategorie | Fax | Oddělení
`,
  tr: `
name: Ad Soyad | Adı Soyadı | Tam Ad | İsim Soyisim | Kişi | Müşteri
displayName: Görünen Ad
firstName: Ad | Adı | İsim | Ön Ad
middleName: İkinci Ad | Orta Ad | İkinci Adı
lastName: Soyad | Soyadı | Soy İsim
salutation: Unvan | Hitap
email: E-posta | E-posta Adresi | E-mail | Mail | İş E-postası
phone: Telefon | Tel | Telefon Numarası | İş Telefonu | Sabit Telefon | Ev Telefonu
mobilePhone: Cep Telefonu | Cep | Mobil | GSM | Cep Tel
company: Şirket | Firma | Şirket Adı | Kurum | Kuruluş | İşveren
jobTitle: Unvan | Görev | Pozisyon | İş Unvanı | Meslek
owner: Sahibi | Sorumlu | Atanan | Satış Temsilcisi
domain: Alan Adı
website: Web Sitesi | Web Sayfası | Web | Site
industry: Sektör | Endüstri
employees: Çalışan Sayısı | Çalışanlar | Personel Sayısı
city: Şehir | İl | Kent
country: Ülke | Ülke/Bölge
dealTitle: Fırsat | Anlaşma | Fırsat Adı | Başlık
value: Tutar | Değer | Miktar
currency: Para Birimi | Döviz
stage: Aşama | Durum
closeDate: Kapanış Tarihi | Tahmini Kapanış Tarihi
contact: İlgili Kişi | Kişi | Yetkili
other: Notlar | Not | Açıklama | Yorum | Sokak | Adres | Posta Kodu | Bölge | İlçe | Etiketler | Kategoriler | Faks | Departman | Bölüm
`,
  ja: `
name: 氏名 | 名前 | お名前 | フルネーム | 担当者名 | 連絡先名 | 顧客名
displayName: 表示名
firstName: 名 | 名前(名) | ファーストネーム
middleName: ミドルネーム
lastName: 姓 | 苗字 | 名字 | ラストネーム
salutation: 敬称 | 肩書き(敬称)
email: メールアドレス | メール | Eメール | 電子メール | 電子メール アドレス | E-mail
phone: 電話番号 | 電話 | TEL | 会社電話 | 勤務先電話 | 勤務先電話番号 | 代表電話 | 自宅電話
mobilePhone: 携帯電話 | 携帯 | 携帯番号 | 携帯電話番号 | 携帯TEL
company: 会社名 | 会社 | 勤務先 | 法人名 | 企業名 | 組織名 | 取引先名
jobTitle: 役職 | 役職名 | 肩書き | 職種 | 職位
owner: 所有者 | 担当者 | 担当営業 | 責任者
domain: ドメイン
website: ウェブサイト | ホームページ | Webサイト | URL | Web ページ
industry: 業種 | 業界 | 産業
employees: 従業員数 | 社員数
city: 市区町村 | 都市 | 市 | 市町村 | 住所(市区町村)
country: 国 | 国名 | 国/地域 | 国または地域
dealTitle: 案件名 | 商談名 | 取引名 | 件名 | タイトル
value: 金額 | 価格 | 取引金額 | 見込金額
currency: 通貨
stage: ステージ | フェーズ | 段階 | 商談フェーズ
closeDate: 完了予定日 | クローズ日 | 受注予定日 | 成約予定日
contact: 連絡先 | 担当者 | 取引先責任者
other: 備考 | メモ | ノート | コメント | 説明 | 番地 | 住所 | 町名・番地 | 郵便番号 | 都道府県 | タグ | カテゴリ | 分類 | ラベル | FAX | ファックス | FAX番号 | 部署 | 部署名 | 部門
`,
  zh: `
name: 姓名 | 全名 | 联系人 | 联系人姓名 | 客户名称 | 顯示名稱 | 聯絡人
displayName: 显示名称
firstName: 名 | 名字
middleName: 中间名 | 中間名
lastName: 姓 | 姓氏
salutation: 称谓 | 稱謂 | 尊称
email: 邮箱 | 电子邮箱 | 电子邮件 | 邮件 | 电子邮件地址 | 邮箱地址 | 電子郵件 | 電子郵件地址 | Email
phone: 电话 | 电话号码 | 座机 | 固定电话 | 工作电话 | 办公电话 | 商务电话 | 電話 | 電話號碼 | 商務電話 | 联系电话
mobilePhone: 手机 | 手机号 | 手机号码 | 移动电话 | 手機 | 行動電話 | 手機號碼
company: 公司 | 公司名称 | 单位 | 企业名称 | 公司名稱 | 组织 | 所属公司
jobTitle: 职位 | 职务 | 职称 | 岗位 | 職稱 | 職位 | 職務
owner: 负责人 | 所有者 | 所有人 | 销售负责人 | 負責人
domain: 域名 | 網域
website: 网站 | 网址 | 主页 | 网页 | 網站 | 網址 | 網頁
industry: 行业 | 所属行业 | 產業 | 行業
employees: 员工数 | 员工人数 | 人数 | 公司规模 | 員工人數
city: 城市 | 市 | 市县
country: 国家 | 国家/地区 | 國家 | 國家/地區
dealTitle: 商机名称 | 交易名称 | 项目名称 | 标题 | 商機
value: 金额 | 数额 | 预计金额 | 金額
currency: 币种 | 货币 | 幣別 | 貨幣
stage: 阶段 | 销售阶段 | 商机阶段 | 階段
closeDate: 结单日期 | 预计成交日期 | 预计结束日期 | 成交日期 | 結案日期
contact: 联系人 | 聯絡人
other: 备注 | 注释 | 说明 | 描述 | 備註 | 附註 | 街道 | 地址 | 详细地址 | 街道地址 | 邮编 | 邮政编码 | 郵遞區號 | 省 | 省份 | 省市 | 州/省 | 縣市 | 标签 | 分类 | 类别 | 標籤 | 传真 | 傳真 | 部门 | 部門
`,
} as const;
