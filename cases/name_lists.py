"""Given names that are one name in several spellings, and names that very many people bear.

Data for the duplicate check alone. One line is one name. Two names of different lines are
never taken for a slip of the pen, however near they are (Hasan and Hüseyin, Maria and Marina:
often twins). `*` marks names so frequent that they say little about who bears them.
"""

GIVEN_NAMES = """
* Mohammad Mohammed Mohamed Muhammad Muhammed Mohamad Mohamud محمد
* Ahmad Ahmed Achmed Ehmed احمد
* Ali Aly Cali علي
* Hasan Hassan حسن
* Hussein Hossein Husain Hüseyin Hussain Hoseyn Husejn حسین
* Ibrahim Ebrahim Brahim Ibraheem Brahima ابراهيم
* Mustafa Mostafa Moustafa مصطفى
* Fatima Fatma Fatemeh Fatimah Fatime Fadma فاطمة
* Maria Mariya Mariia Marija
* Mariam Maryam Meryem Merjem Marjam Miriam مريم
* Ivan Iwan
* Georgi Georgy Georgiy Gheorghe George Giorgi Georgij
* Dimitar Dimitur Dmitri Dmytro Dmitrii Dimitri Dumitru Dimitrij Димитър Дмитро
* Aleksandr Oleksandr Alexander Alexandr Aleksandar Oleksander Iskander Alexandru Aleksander
* Aleksandra Oleksandra Alexandra
* Elena Yelena Olena Jelena Helena Helene Ilona
* Olga Olha Olja
* Anna Hanna Ana Hannah
* Mehmet Mehmed
* Ayşe Aisha Aicha Ajsche Aïssatou Aischa Aishe عائشة
* Andrei Andrej Andrii Andriy Andrzej Andreas Ondrej Andrew
* Stefan Ștefan Stephan Stefaan Stepan Szczepan
* Yusuf Youssef Yousef Josef Joseph Jusuf Iosif Yosef يوسف
* Omar Cumar Omer Ömer Umar Oumar عمر
* Nikolai Mykola Nikolay Nicolae Mikolaj Nikolaj Nikola Nicola
* Mihai Mihail Mikhail Mykhailo Michael Michail Mihajlo
* Khaled Khalid Halid Chalid خالد
* Mahmoud Mahmud Mahmut محمود
* Zeynep Zainab Zeinab Zejnep Seynab زينب
* Petar Peter Petr Petro Petru Piotr Pjotr Петър
* Amina Emine Aminata Aminah امينة
Aleksei Oleksii Alexei Aleksey Alexej
Sergei Serhii Sergiy Sergej Serhij
Vladimir Volodymyr Wolodymyr Wladimir
Natalia Nataliia Natalya Natalija Nathalie
Natasha Natascha
Igor Ihor
Oleg Oleh
Galina Halyna Halina
Tatiana Tetiana Tetyana Tatjana
Ekaterina Kateryna Katerina Katarina Katarzyna Yekaterina Catarina Caterina
Evgeni Yevhen Evgenij Yevgeni Jewgeni Eugen Evgeny Ievgen
Evgenia Yevheniia Eugenia Jewgenija
Iryna Irina
Svitlana Svetlana Swetlana
Ludmila Liudmyla Lyudmyla Ljudmila
Yulia Yuliia Yuliya Julia Iulia Julija
Iuliana Juliana Yuliana
Yuri Yurii Jurij Iurie Juri
Vasil Vasyl Vasile Wassil Vasilij
Pavel Pavlo Pawel Paul Pavlin
Grigori Hryhorii Grigorij Grigore
Ioan Ion Jan Yan
Ioana Joana Joanna Ivana
Kristina Hristina Khrystyna Christina Cristina Krystyna
Hristo Christo Khristo Kristo
Khadija Hatice Hadija Kadija Hadidja خديجة
Osman Othman Uthman Usman Ousmane عثمان
Abdullah Abdallah Abdulla Abdoulaye Abdulai Abdullahi عبد الله
Abdi Cabdi
Abdulrahman Abdurrahman Abderrahman عبدالرحمن
Ramadan Ramazan رمضان
Ismail Ismael Esmail اسماعيل
Suleiman Süleyman Sulejman Soleiman Suliman سليمان
Amir Emir Ameer امير
Amira Emira اميرة
Amer عامر
Samir Sameer Semir سمير
Samira Semira سميرة
Karim Kareem Kerim كريم
Karima كريمة
Rashid Rachid Reschid Raschid رشيد
Nour Noor Nur نور
Nura Noura Nora نورة
Jamal Djamal Cemal Gamal Xhemal Dzhamal جمال
Jamila Djamila Cemile جميلة
Layla Leila Leyla Lejla ليلى
Lena
Lana
Lina لينا
Dina
Dana
Diana
Mona Muna منى
Marina Maryna
Marian
Mariana
Marin
Martin
Martina
Mario
Mira
Mirela
Mihaela Michaela Mikaela
Daniel Danil Danylo Daniil
Daniela
Gabriel
Gabriela
Viktor Victor
Viktoria Victoria Viktoriia Viktorija
Simon
Simona
Adrian
Adriana
Florin
Florian
Florina
Florentina
Valentin
Valentina
Ivo
Iva
Ivaylo Ivailo Iwajlo
Todor Teodor
Teodora
Emil
Emilia Emiliya Emilija
Emma
Ema
Ela
Ella
Elif
Elvira
Elmira
Elvis
Alina
Aline
Alisa
Alice
Amal امل
Iman Eman ايمان
Imran
Aylin
Ayla
Aysel
Ayten
Emre
Emrah
Enes Anas انس
Eren
Ercan
Erkan
Erdal
Hakan
Murat Murad مراد
Orhan
Serkan
Sercan
Selim Salim سليم
Salem سالم
Selma Salma سلمى
Sevda
Sevgi
Songül
Gül
Gülay
Gülen
Can
Canan
Cem
Deniz
Denis Denys
Denisa
Rojin
Rojan
Rozerin
Rojda
Berfin
Berivan Bêrîvan
Dilan
Dilara
Azad
Azadeh
Diyar
Said Saeed Seid سعيد
Sayed Seyed Sayyid سيد
Saad سعد
Sara Sarah سارة
Sahar
Samar
Reza Riza رضا
Hamid Hameed حميد
Hamed Hamad حامد
Hamza حمزة
Habib
Habiba
Nasir Naser Nasser ناصر
Nader Nadir نادر
Nadia
Nadja
Najib
Najiba
Farid Fareed فريد
Farida Feride فريدة
Fereshta
Walid Waleed وليد
Wael وائل
Wali
Zahra Zehra زهراء
Zohra
Zohal
Bashir Beshir بشير
Basir
Basim
Tariq Tarek Tarik طارق
Taha
Hala
Hana
Huda هدى
Rana
Rania
Rima
Rita
Aram
Arman
Armin
Arben
Ardian
Arta
Artan
Besa
Besnik
Blerim
Blerina
Blerta
Drita
Driton
Fatmir
Fatmire
Luan
Liridon
Lirie
Milan
Milana
Milena
Milica
Mila
Miloš
Marko Marco
Mirko
Darko
Dragan
Dragana
Goran
Gordana
Jovan
Jovana
Zoran
Zorana
Bojan
Bojana
Nenad
Nevena
Agnieszka
Aneta
Anita
Magda
Magdalena
Malgorzata
Tomasz Thomas
Kamil
Kamila
Karol
Karolina
Lukas Łukasz Luka
Tigist
Selam
Samuel
Samson
Saron
Mamadou Mamadu
Amadou Amadu
Moussa Musa Moses موسى
Issa Isa عيسى
Ibrahima
Binta
Fanta
Chidi
Chinedu
Ngozi
Kwame
Kofi
Jonas
Johannes Johann
Johanna
Lea
Leo
Leon
Leonie
Tim
Tom
Anton
Antonia
Artur Arthur
Artem Artiom
Maksim Maksym Maxim
Maksymilian Maximilian
Bohdan Bogdan
Bohdana Bogdana
Roman
Romana
Ruslan
Ruslana
Taras
Vlad
Rumen
Rumyana Rumjana
Radu
Raluca
Razvan
Costel
Constantin Konstantin Kostiantyn
Constanta
Sorin
Sorina
Sevdalin
Sevdalina
Asen
Asya
Angel
Angela
Ognyan
Krasimir
Krasimira
Stoyan
Stoyanka
Stanislav
Stanislava
Desislava
Borislav
Borislava
Kalin
Kalina
Nadezhda Nadiia Nadeschda
"""

FREQUENT_FAMILY_NAMES = """
Ivanov Petrov Georgiev Dimitrov Nikolov Hristov Stoyanov Todorov Iliev Angelov
Popescu Popa Ionescu Dumitru Stan Gheorghe Rusu Munteanu Constantin
Yilmaz Kaya Demir Çelik Şahin Yıldız Yıldırım Öztürk Aydın Özdemir Arslan Doğan Kılıç Aslan Çetin
Ahmadi Mohammadi Hosseini Rezaei Karimi Rahimi Haidari Hussaini Ahmad Mohammad Ali Hassan Hussein
Ibrahim Khalil Khan Al-Ali Al-Ahmad Al-Mohammad Al-Hassan Al-Hussein Mahmoud Omar Saleh Hamid
Ivanenko Shevchenko Kovalenko Bondarenko Melnyk Boyko Tkachenko Kravchenko Kovalchuk
Nowak Kowalski Wiśniewski Wójcik Müller Schmidt Schneider Fischer Weber Meyer
Jovanović Petrović Nikolić Marković Hoxha Krasniqi Gashi Berisha Shala
Diallo Barry Bah Sow Traoré Keita Mensah Okafor Tesfay Haile Mohamud
"""
